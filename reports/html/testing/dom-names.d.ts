/** Names of the DOM that the types of the browser's driver mention. The DOM itself is not loaded: ours runs in Node. */
interface Node {}
interface HTMLElement {}
interface SVGElement {}
interface HTMLElementTagNameMap {}
