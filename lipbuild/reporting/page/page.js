"use strict";
// The values of a chart's lines under the pointer, or at the place that the arrow keys have reached.
const box = document.createElement("div");
box.id = "values";
box.hidden = true;
box.setAttribute("role", "status");
document.body.append(box);

const read = (svg) => JSON.parse(svg.dataset.chart);
const words = (chart, value) => (chart.percent ? `${(100 * value).toFixed(2)} %` : String(Number(value.toPrecision(5))));

function nearest(line, x) {
  let best = line.points[0];
  for (const point of line.points) {
    if (line.steps ? point[0] <= x : Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
  }
  return best;
}

function show(svg, x) {
  const chart = read(svg);
  const [low, high, start, end] = chart.x;
  const value = Math.min(Math.max(low + ((x - start) / (end - start)) * (high - low), low), high);
  const smooth = chart.series.find((line) => !line.steps) || chart.series[0];
  const at = chart.series.some((line) => line.steps) ? value : nearest(smooth, value)[0];
  let cursor = svg.querySelector(".cursor");
  if (!cursor) {
    cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
    cursor.setAttribute("class", "cursor");
    svg.append(cursor);
  }
  const place = start + ((at - low) / (high - low)) * (end - start);
  for (const [name, number] of [["x1", place], ["x2", place], ["y1", chart.y[2]], ["y2", chart.y[3]]]) cursor.setAttribute(name, number);
  box.replaceChildren(`${chart.name} ${Number(at.toPrecision(4))}`);
  for (const line of chart.series) {
    const row = document.createElement("span");
    row.className = line.class;
    row.textContent = `${line.name || "value"}: ${words(chart, nearest(line, at)[1])}`;
    box.append(row);
  }
  box.hidden = false;
  const outline = svg.getBoundingClientRect();
  const scale = outline.width / svg.viewBox.baseVal.width;
  const left = outline.left + place * scale + 12;
  const room = document.documentElement.clientWidth - box.offsetWidth - 4;
  const flipped = left > room ? outline.left + place * scale - box.offsetWidth - 12 : left;
  box.style.left = `${Math.max(4, Math.min(flipped, room)) + window.scrollX}px`;
  box.style.top = `${outline.top + 8 + window.scrollY}px`;
  svg.dataset.at = place;
}

function hide() {
  box.hidden = true;
  for (const cursor of document.querySelectorAll(".cursor")) cursor.remove();
}

const chartOf = (event) => (event.target instanceof Element ? event.target.closest("svg[data-chart]") : null);
document.addEventListener("pointermove", (event) => {
  const svg = chartOf(event);
  if (!svg) return void (document.activeElement && document.activeElement.closest("svg[data-chart]") ? 0 : hide());
  const outline = svg.getBoundingClientRect();
  show(svg, ((event.clientX - outline.left) * svg.viewBox.baseVal.width) / outline.width);
});
document.addEventListener("keydown", (event) => {
  const svg = chartOf(event);
  if (event.key === "Escape") hide();
  if (!svg || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const chart = read(svg);
  const line = chart.series[0];
  const step = (chart.x[3] - chart.x[2]) / Math.max(Math.min(line.points.length - 1, 100), 1);
  const from = svg.dataset.at === undefined ? chart.x[2] - step : Number(svg.dataset.at);
  show(svg, from + (event.key === "ArrowRight" ? step : -step));
});
document.addEventListener("focusout", hide);

// While a training runs, each of its epochs is sent as a whole page.
const source = document.body.dataset.live;
if (source) {
  const events = new EventSource(source);
  const status = document.getElementById("live");
  const put = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    hide();
    document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  };
  events.addEventListener("page", (event) => put(JSON.parse(event.data)));
  events.addEventListener("end", (event) => {
    const end = JSON.parse(event.data);
    put(end.page);
    status.textContent = end.problem ? `the training has ended: ${end.problem}` : "the training has ended";
    status.className = "over";
    events.close();
  });
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED && status.className !== "over") status.textContent = "the connection is lost";
  };
}
