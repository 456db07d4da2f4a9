"use strict";
const steps = [...document.querySelectorAll(".told")];
const find = (id) => document.getElementById(id);
const words = (step, name) => step.dataset[name].split(" ").filter(Boolean);
const returning = (one) => one.matches(".back, .returning, .sum");
const knownFrom = { values: new Map(), gradients: new Map() };
steps.forEach((step, at) => {
  for (const kind of ["values", "gradients"])
    for (const key of words(step, kind))
      if (!knownFrom[kind].has(key)) knownFrom[kind].set(key, at);
});
const marks = [...document.querySelectorAll("#graph [data-value]")].map((one) => {
  const kind = returning(one) ? "gradients" : "values";
  return [one, knownFrom[kind].get(one.dataset.value) ?? Infinity];
});
const items = [...document.querySelectorAll("#graph [data-item]")];
const lines = [...document.querySelectorAll("#code [data-line]")];
const EDGE = 90; // pixels to either side of what is lit, where its numbers stand
let now = 0;
let timer = 0;

function inView(pane, one, wide) {
  const outer = pane.getBoundingClientRect();
  const inner = one.getBoundingClientRect();
  const across = inner.left < outer.left + EDGE || inner.right > outer.right - EDGE;
  const down = inner.top < outer.top + 20 || inner.bottom > outer.bottom - 20;
  if (across && wide) pane.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  if (down) pane.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
}

function fit() {
  const picture = find("graph").firstElementChild;
  const { width, height } = picture.viewBox.baseVal;
  const room = Math.min((innerWidth - 20) / width, (innerHeight * 0.46 - 12) / height);
  const scale = Math.max(0.8, Math.min(1.4, room));
  picture.setAttribute("width", width * scale);
  picture.setAttribute("height", height * scale);
}

function paint(canvas) {
  const shades = Uint8Array.from(atob(canvas.dataset.heat), (letter) => letter.charCodeAt(0));
  const image = new ImageData(canvas.width, canvas.height);
  new Int8Array(shades.buffer).forEach((shade, at) => {
    const part = Math.abs(shade) / 127;
    const colour = shade < 0 ? [37, 99, 235] : [220, 38, 38];
    for (let i = 0; i < 3; i++) image.data[4 * at + i] = 245 + (colour[i] - 245) * part;
    image.data[4 * at + 3] = 255;
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.style.width = `${canvas.width * Math.max(1, Math.min(12, Math.floor(240 / canvas.width)))}px`;
  delete canvas.dataset.heat;
}

function show(at) {
  now = Math.max(0, Math.min(steps.length - 1, at));
  const step = steps[now];
  steps.forEach((one) => { one.hidden = one !== step; });
  step.querySelectorAll("[data-heat]").forEach(paint);
  find("told").scrollTop = 0;
  const lit = new Set(words(step, "lit"));
  document.body.classList.toggle("back", step.classList.contains("back"));
  document.body.classList.toggle("ahead", step.classList.contains("ahead"));
  items.forEach((one) => one.classList.toggle("lit", lit.has(one.dataset.item)));
  marks.forEach(([one, from]) => {
    one.classList.toggle("seen", from <= now);
    one.classList.toggle("fresh", from === now);
  });
  lines.forEach((one) => {
    const here = one.dataset.line === step.dataset.line;
    one.classList.toggle("now", here);
    if (here) one.setAttribute("aria-current", "step");
    else one.removeAttribute("aria-current");
    if (here) inView(find("code"), one, false);
  });
  const first = items.find((one) => lit.has(one.dataset.item));
  if (first) inView(find("graph"), first, true);
  find("place").value = now + 1;
  find("count").textContent = `${now + 1} of ${steps.length}`;
  find("first").disabled = find("back").disabled = now === 0;
  find("last").disabled = find("next").disabled = now === steps.length - 1;
  if (now === steps.length - 1) pause();
  history.replaceState(null, "", `#step=${now + 1}`);
}

function pause() {
  clearInterval(timer);
  timer = 0;
  find("play").textContent = "Play";
}

function play() {
  if (timer) return pause();
  if (now === steps.length - 1) show(0);
  timer = setInterval(() => show(now + 1), 900);
  find("play").textContent = "Pause";
}

const go = (move) => () => { pause(); show(move()); };
const moves = {
  first: go(() => 0),
  back: go(() => now - 1),
  next: go(() => now + 1),
  last: go(() => steps.length - 1),
  play,
};
for (const [id, move] of Object.entries(moves)) find(id).addEventListener("click", move);
find("place").addEventListener("input", () => { pause(); show(find("place").value - 1); });
const keys = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last", " ": "play" };
addEventListener("keydown", (event) => {
  const plain = !(event.ctrlKey || event.metaKey || event.altKey);
  const own = event.target.matches("input") || (event.key === " " && event.target.matches("button"));
  if (!plain || own || !(event.key in keys)) return;
  event.preventDefault();
  moves[keys[event.key]]();
});
function turn() {
  const asked = /^#step=(\d+)$/.exec(location.hash);
  show(asked ? asked[1] - 1 : 0);
}
addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#step=']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  pause();
  show(link.getAttribute("href").slice("#step=".length) - 1);
});
addEventListener("resize", fit);
addEventListener("hashchange", () => { pause(); turn(); });
fit();
turn();
