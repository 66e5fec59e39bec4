// A small chart of one series: the last half minute, drawn as SVG. A hole in the samples stays visible.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 100;
const WINDOW_MS = 30_000;
const HOLE_MS = 1500;

export class Chart {
  #samples = [];
  #line = shape('path', 'line');
  #area = shape('path', 'area');
  #holes = shape('path', 'hole');
  #svg = shape('svg', 'chart');

  constructor(label) {
    this.#svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.#svg.setAttribute('preserveAspectRatio', 'none');
    this.#svg.setAttribute('role', 'img');
    this.#svg.setAttribute('aria-label', label);
    this.#svg.append(this.#holes, this.#area, this.#line);
  }

  get node() {
    return this.#svg;
  }

  add(time, value) {
    const newest = this.#samples.at(-1);
    if (newest && time < newest.time) this.#samples = []; // the publisher's clock was set back
    this.#samples.push({ time, value });
    while (this.#samples[0].time < time - WINDOW_MS) this.#samples.shift();
  }

  /** Draws the chart, and returns the least and the greatest visible value and the height of the newest, 0 to 1. */
  draw() {
    const values = this.#samples.map(sample => sample.value);
    const least = Math.min(...values);
    const greatest = Math.max(...values);
    const range = Math.max(greatest - least, greatest * 0.05, 1e-9);
    const end = this.#samples.at(-1).time;
    const height = value => 0.1 + 0.8 * (value - least) / range;
    const x = time => (WIDTH * (1 - (end - time) / WINDOW_MS)).toFixed(1);
    const y = value => (HEIGHT * (1 - height(value))).toFixed(1);

    let line = '';
    let area = '';
    let holes = '';
    for (const run of this.#runs()) {
      const points = run.map(sample => `${x(sample.time)} ${y(sample.value)}`).join('L');
      line += `M${points}`;
      area += `M${x(run[0].time)} ${HEIGHT}L${points}L${x(run.at(-1).time)} ${HEIGHT}Z`;
      if (run.hole) {
        holes += `M${x(run.hole)} 0H${x(run[0].time)}V${HEIGHT}H${x(run.hole)}Z`;
      }
    }
    this.#line.setAttribute('d', line);
    this.#area.setAttribute('d', area);
    this.#holes.setAttribute('d', holes);
    return { least, greatest, height: height(values.at(-1)) };
  }

  /** The samples as runs without holes; a run that follows a hole has the time at which the hole begins. */
  #runs() {
    const runs = [];
    let before = null;
    for (const sample of this.#samples) {
      if (!before || sample.time - before.time > HOLE_MS) {
        const run = [];
        run.hole = before?.time;
        runs.push(run);
      }
      runs.at(-1).push(sample);
      before = sample;
    }
    return runs;
  }
}

function shape(name, className) {
  const element = document.createElementNS(SVG, name);
  element.setAttribute('class', className);
  return element;
}
