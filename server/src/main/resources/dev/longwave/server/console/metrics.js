// A dashboard: three series from one topic; the event's data names the series. The name is also the event's key, so
// the server may send a reader that falls behind only the newest value of each series.

import { Chart } from './chart.js';
import { el, oncePerFrame } from './dom.js';

const SERIES = {
  requests: { label: 'Requests', unit: '/s', digits: 0 },
  latency: { label: 'Latency p95', unit: 'ms', digits: 1 },
  errors: { label: 'Errors', unit: '%', digits: 2 },
};

export function metricsCard(card) {
  const body = card.querySelector('.body');
  const lanes = new Map();

  function lane(series) {
    const { label, unit, digits } = SERIES[series];
    const chart = new Chart(`${label}: the last 30 seconds`);
    const value = el('strong', { textContent: '–' });
    const range = el('span', { className: 'range' });
    const dot = el('span', { className: 'dot' });
    body.append(
      el('section', { className: 'series', data: { series } },
        el('header', {},
          el('h3', { textContent: label }), range, el('p', {}, value, ` ${unit}`)),
        el('div', { className: 'plot' }, chart.node, dot)));
    const draw = oncePerFrame(() => {
      const { least, greatest, height } = chart.draw();
      range.textContent = `${least.toFixed(digits)} – ${greatest.toFixed(digits)}`;
      dot.style.bottom = `${(100 * height).toFixed(1)}%`;
    });
    return {
      add(time, number) {
        chart.add(time, number);
        value.textContent = number.toFixed(digits);
        draw();
      },
    };
  }

  return {
    metric(event) {
      const { series, value, time } = JSON.parse(event.data);
      if (!Object.hasOwn(SERIES, series) || !Number.isFinite(value) || isNaN(Date.parse(time))) return;
      if (!lanes.has(series)) {
        body.querySelector('.empty')?.remove();
        lanes.set(series, lane(series));
      }
      lanes.get(series).add(Date.parse(time), value);
    },
  };
}
