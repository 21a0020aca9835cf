import { type Line, linearScale, niceTicks, pathOf, shortNumber, timeTicks, valueRange } from './chart-scale.ts';
import { html, svg } from './dom.ts';
import { formatTime } from './graph-state.ts';

const WIDTH = 1100;
const HEIGHT = 380;
const LEFT = 70;
const RIGHT = WIDTH - 15;
const TOP = 10;
const BOTTOM = HEIGHT - 30;

/** Colours that also people who see no red or green can tell apart (Okabe and Ito), then again with other dashes. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const dashes = ['', '6 3', '2 3'];

export interface ChartRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** A line chart with its legend; a click on a name shows that line alone, and again all of them. */
export function chart(lines: readonly Line[], range: ChartRange): HTMLElement {
  const picture = html('div', { class: 'picture' });
  const legend = html('ul', { class: 'legend' });
  let alone: Line | undefined;
  const draw = () => {
    picture.replaceChildren(drawn(lines, alone ? [alone] : lines, range));
    legend.replaceChildren(
      ...lines.map((line, index) => {
        const [colour] = lookOf(index);
        const key = html('span', { class: 'key', style: `background:${colour}` });
        const choose = () => {
          alone = alone === line ? undefined : line;
          draw();
        };
        const isFaded = alone !== undefined && alone !== line;
        return html('li', { class: isFaded ? 'faded' : '', click: choose }, key, line.name);
      }),
    );
  };
  draw();
  return html('div', { class: 'chart' }, picture, legend);
}

function drawn(all: readonly Line[], shown: readonly Line[], { startMs, endMs, stepMs }: ChartRange): SVGElement {
  const x = linearScale(startMs, endMs, LEFT, RIGHT);
  const [from, to] = valueRange(shown);
  const y = linearScale(from, to, BOTTOM, TOP);
  const root = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
  for (const tick of niceTicks(from, to, 6)) {
    const at = y.at(tick);
    root.append(
      svg('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: at, y2: at }),
      svg('text', { class: 'tick', x: LEFT - 8, y: at + 4, 'text-anchor': 'end' }, shortNumber(tick)),
    );
  }
  const isLong = endMs - startMs > 2 * 86_400_000;
  for (const tick of timeTicks(startMs, endMs, 9)) {
    const at = x.at(tick);
    const text = isLong
      ? formatTime(tick).slice(5, 16)
      : formatTime(tick).slice(11, endMs - startMs < 600_000 ? 19 : 16);
    root.append(
      svg('line', { class: 'grid', x1: at, x2: at, y1: TOP, y2: BOTTOM }),
      svg('text', { class: 'tick', x: at, y: BOTTOM + 18, 'text-anchor': 'middle' }, text),
    );
  }
  for (const line of shown) {
    const [colour, dash] = lookOf(all.indexOf(line));
    const path = svg('path', {
      class: 'line',
      d: pathOf(line, x, y, stepMs),
      stroke: colour,
      'stroke-dasharray': dash,
    });
    path.append(svg('title', {}, line.name));
    root.append(path);
  }
  return root;
}

function lookOf(index: number): readonly [colour: string, dash: string] {
  return [colours[index % colours.length]!, dashes[Math.floor(index / colours.length) % dashes.length]!];
}
