/* Draws the page's charts. A chart comes in light colours; on the screen each is replaced by what
   the custom property of that name is now, on paper it stays. */
(() => {
  "use strict";
  const PAPER = 680, GAP = 26; // an A4 page between its margins, and two charts' gap, in px
  const NARROW = 560;
  const TEXT = 12, PAPER_TEXT = 9.5; // letters are smaller on paper, as all of the page's are
  const tokens = JSON.parse(document.getElementById("tokens").textContent);
  const config = {displayModeBar: false, displaylogo: false, responsive: false, doubleClick: false};
  const figures = [...document.querySelectorAll("script.figure")].map((script) => ({
    place: document.getElementById(script.dataset.chart),
    ...JSON.parse(script.textContent),
  }));

  // A copy of a nest of values in which each single one has been changed.
  const changed = (value, change, key) => {
    if (Array.isArray(value)) return value.map((part) => changed(part, change, key));
    if (value === null || typeof value !== "object") return change(value, key);
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, changed(v, change, k)]));
  };

  const draw = (paper) => {
    const style = getComputedStyle(document.documentElement);
    const onScreen = (value) =>
      Object.hasOwn(tokens, value) ? style.getPropertyValue(`--${tokens[value]}`).trim() : value;
    const onPaper = (value, key) => (key === "size" && value === TEXT ? PAPER_TEXT : value);
    const change = paper ? onPaper : onScreen;
    for (const {place, data, layout, narrow} of figures) {
      const half = place.closest(".duo") ? (PAPER - GAP) / 2 : PAPER;
      const width = paper ? half : place.clientWidth;
      const small = width < NARROW;
      const traces = data.map((trace, n) => ({...trace, ...(small && narrow.data?.[n])}));
      const shape = {...layout, ...(small && narrow.layout), width, autosize: false};
      Plotly.react(place, changed(traces, change), changed(shape, change), config);
    }
  };

  const screen = () => draw(false);
  let asked = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(screen);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", screen);
  addEventListener("beforeprint", () => draw(true));
  addEventListener("afterprint", screen);
  screen();
})();
