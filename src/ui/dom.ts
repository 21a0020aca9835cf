const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | number | ((event: Event) => void)>>;

/** An HTML element; an attribute whose value is a function listens to the event of its name. */
export function html(tag: string, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElement {
  return filled(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function svg(tag: string, attributes: Attributes = {}, ...children: (Node | string)[]): SVGElement {
  return filled(document.createElementNS(SVG, tag) as SVGElement, attributes, children);
}

/** The element of the page with this id. */
export function byId<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element "${id}"`);
  return found as Kind;
}

function filled<Kind extends Element>(element: Kind, attributes: Attributes, children: (Node | string)[]): Kind {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, `${value}`);
  }
  element.append(...children);
  return element;
}
