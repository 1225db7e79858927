/* Draws the page's charts. A chart comes in light colours; on the screen each is replaced by what
   the custom property of that name is now, on paper it stays. */
(() => {
  "use strict";
  const PAPER = 680, GAP = 26; // an A4 page between its margins, and two charts' gap, in px
  const NARROW = 560;
  const tokens = JSON.parse(document.getElementById("tokens").textContent);
  const config = {displayModeBar: false, displaylogo: false, responsive: false, doubleClick: false};
  const figures = [...document.querySelectorAll("script.figure")].map((script) => ({
    place: document.getElementById(script.dataset.chart),
    ...JSON.parse(script.textContent),
  }));

  const painted = (value, colour) => {
    if (typeof value === "string") return Object.hasOwn(tokens, value) ? colour(value) : value;
    if (Array.isArray(value)) return value.map((part) => painted(part, colour));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v, colour)]));
  };

  const draw = (paper) => {
    const style = getComputedStyle(document.documentElement);
    const now = (light) => style.getPropertyValue(`--${tokens[light]}`).trim() || light;
    const colour = paper ? (light) => light : now;
    for (const {place, data, layout, narrow} of figures) {
      const half = place.closest(".duo") ? (PAPER - GAP) / 2 : PAPER;
      const width = paper ? half : place.clientWidth;
      const small = width < NARROW;
      const traces = data.map((trace, n) => ({...trace, ...(small && narrow.data?.[n])}));
      const shape = {...layout, ...(small && narrow.layout), width, autosize: false};
      Plotly.react(place, painted(traces, colour), painted(shape, colour), config);
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
