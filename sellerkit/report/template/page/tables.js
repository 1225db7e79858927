/* Lets a reader sort the page's tables by a click on a column's head, and find rows by a word.
   Rows that belong together (a row and why it is so, a kind and its parts) stay together. */
(() => {
  "use strict";
  const LONG = 12; // rows from which a table can be searched
  const NARROW_SPACES = /[\u00a0\u2009\u202f]/g;
  const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const DATE = /^(?:[A-Z][a-z]{2} )?(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))?,?(?: (\d\d):(\d\d))?$/;
  const TIME = /^(?:(\d+) d ?)?(?:(\d+) h ?)?(?:(\d+) min)?$/;
  const PART = /^([\d,]+) of ([\d,]+)$/;
  const NUMBER = /^(?:over |under |below |at least )?(\p{Sc}|[A-Z]{3} )?([-\u2212]?[\d,]*\.?\d+)/u;

  const run = JSON.parse(document.getElementById("sellerkit-run")?.textContent ?? "{}");
  const asOf = new Date(run.parameters?.as_of ?? Date.now());

  // What a cell says, without its small print and what only a screen reader hears.
  const said = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("small, details, .as, .vh, br ~ *").forEach((part) => part.remove());
    return copy.textContent.replace(NARROW_SPACES, " ").trim();
  };

  // A date without a year is the one nearest to the moment of which the page tells.
  const dated = ([, day, month, year, hour, minute]) => {
    const at = (y) => Date.UTC(y, MONTHS.indexOf(month) / 3, day, hour ?? 0, minute ?? 0);
    const now = asOf.getUTCFullYear();
    const near = [now - 1, now, now + 1].map(at);
    const far = (moment) => Math.abs(moment - asOf);
    return year ? at(+year) : near.reduce((one, other) => (far(other) < far(one) ? other : one));
  };
  const number = (digits) => +digits.replaceAll(",", "").replace("\u2212", "-");
  const minutes = ([, days = 0, hours = 0, rest = 0]) => days * 1440 + hours * 60 + +rest;

  // Ways to read a column, each for a text that matches; the first that reads all cells is taken.
  const WAYS = [
    [DATE, (found) => ["", dated(found)]],
    [TIME, (found) => ["", minutes(found)]],
    [NUMBER, (found) => [(found[1] ?? "").trim(), number(found[2])]],
  ];

  // What a column is sorted by: pairs of a currency, if any, and a number; else texts.
  const keys = (cells) => {
    const texts = cells.map((cell) => (cell ? said(cell) : ""));
    const shares = texts.some((text) => text.endsWith("%"));
    const blank = (text) => text === "" || text === "–";
    const read = (text, [form, value]) => {
      const part = shares && form === NUMBER && text.match(PART);
      if (part) return ["", (100 * number(part[1])) / number(part[2])];
      const found = text.match(form);
      return found && value(found);
    };
    const fits = (way) => texts.every((text) => blank(text) || read(text, way));
    const way = WAYS.find(fits);
    return texts.map((text) => (blank(text) ? null : way ? read(text, way) : [text, 0]));
  };

  const collator = new Intl.Collator("en", {numeric: true, sensitivity: "base"});
  const compare = (one, other) => collator.compare(one[0], other[0]) || one[1] - other[1];

  // Rows that move as one.
  const groupsOf = (body) => {
    const groups = [];
    for (const row of body.rows) {
      if (groups.length && row.matches(".wy, .sub")) groups.at(-1).push(row);
      else groups.push([row]);
    }
    return groups;
  };

  const sortable = (table) => {
    const body = table.tBodies[0], heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!body || table.tHead.rows.length !== 1 || table.matches(".mx")) return;
    const first = groupsOf(body);
    if (first.length < 2) return;
    const order = (head, direction) => {
      for (const each of heads) each.removeAttribute("aria-sort");
      let groups = first;
      if (direction) {
        const found = keys(first.map(([row]) => row.cells[heads.indexOf(head)]));
        const sign = direction === "ascending" ? 1 : -1;
        // what a table does not know stands last either way
        const pairs = first.map((rows, n) => ({rows, key: found[n]}));
        const [known, unknown] = [pairs.filter(({key}) => key), pairs.filter(({key}) => !key)];
        groups = [...known.sort((a, b) => sign * compare(a.key, b.key)), ...unknown];
        groups = groups.map(({rows}) => rows);
        head.setAttribute("aria-sort", direction);
      }
      body.append(...groups.flat());
    };
    const next = {ascending: "descending", descending: ""};
    for (const head of heads) {
      if (!head.textContent.trim() || head.querySelector(".vh") || head.colSpan > 1) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      // a link in a head stays a link: nothing that is pressed stands within another
      const links = [...head.querySelectorAll("a")];
      button.append(...[...head.childNodes].filter((node) => !links.includes(node)));
      head.append(button, ...links.flatMap((link) => [" ", link]));
      button.addEventListener("click", () => {
        order(head, next[head.getAttribute("aria-sort")] ?? "ascending");
      });
    }
  };

  const searchable = (table) => {
    const body = table.tBodies[0], frame = table.closest(".tw");
    if (!body || !frame || table.matches(".mx") || table.closest("figure")) return;
    const groups = groupsOf(body);
    if (groups.length < LONG) return;
    const texts = groups.map(([row]) => row.textContent.replace(NARROW_SPACES, " ").toLowerCase());
    const box = document.createElement("div"), count = document.createElement("output");
    const field = document.createElement("input");
    box.className = "find";
    field.type = "search";
    field.placeholder = "Filter rows";
    field.setAttribute("aria-label", `Filter rows: ${frame.getAttribute("aria-label")}`);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      groups.forEach((rows, n) => {
        const fits = words.every((word) => texts[n].includes(word));
        shown += fits;
        for (const row of rows) row.hidden = !fits;
      });
      count.textContent = words.length ? `${shown} of ${groups.length} rows` : "";
    });
    box.append(field, count);
    frame.before(box);
  };

  for (const table of document.querySelectorAll(".tw > table")) {
    searchable(table);
    sortable(table);
  }
})();
