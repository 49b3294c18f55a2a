// The page as it stands now: its DOM as HTML, where what its readers do not see bears the mark.
//
// Runs in a world of its own: what the page's scripts made of its functions does not matter here. The page
// is not touched; the marks are made on a copy that belongs to no window, where nothing of the page runs.
// Names that elements may take over (<form><input name=children>) are read by `own`.
(limits) => {
  const own = (type, name) => {
    const { get } = Object.getOwnPropertyDescriptor(type.prototype, name);
    return (node) => get.call(node);
  };
  const childrenOf = own(Element, "children");
  const nodesOf = own(Node, "childNodes");
  const parentOf = own(Node, "parentElement");
  const root = own(Document, "documentElement")(document);
  const body = own(Document, "body")(document);
  const boxOf = (element) => Element.prototype.getBoundingClientRect.call(element);
  const all = Document.prototype.getElementsByTagName.call(document, "*").length;
  if (!root || all > limits.elements) return { large: `${all} elements` };
  const inner = own(Element, "innerHTML")(root).length;
  if (inner > limits.bytes) return { large: `${inner} characters` };

  const isClear = (colour) => /^rgba\(.*, 0\)$/.test(colour);
  const backgrounds = new Map();
  // The colour behind an element's words; "" = not known, as where there is a picture.
  const behind = (element) => {
    if (!element) return "rgb(255, 255, 255)";
    if (!backgrounds.has(element)) {
      const { backgroundColor: colour, backgroundImage: image } = getComputedStyle(element);
      const clear = isClear(colour);
      const known = image === "none" && (clear || /^rgb\(/.test(colour));
      backgrounds.set(element, known ? (clear ? behind(parentOf(element)) : colour) : "");
    }
    return backgrounds.get(element);
  };

  // Whether something that is not around it may lie beneath its words.
  const liesOnOther = (element, box) => {
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const stack = Document.prototype.elementsFromPoint.call(document, x, y);
    return stack.some((one) => !one.contains(element) && !element.contains(one));
  };

  const areWordsHidden = (element, style) => {
    if (parseFloat(style.fontSize) < 3 || parseFloat(style.textIndent) < -900) return true;
    const range = Document.prototype.createRange.call(document);
    range.selectNodeContents(element);
    const box = range.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return true;
    if (/text/.test(style.backgroundClip)) return false;
    const ink = style.webkitTextFillColor;
    return isClear(ink) || (ink === behind(element) && !liesOnOther(element, box));
  };

  const isBoxHidden = (element, style) => {
    if (style.display === "contents") return false;
    const box = boxOf(element);
    const cut = style.overflowX !== "visible" || style.overflowY !== "visible";
    if (cut && (box.width < 3 || box.height < 3)) return true;
    if (/inset\((?:50|100)%|circle\(0/.test(style.clipPath)) return true;
    if (/^rect\([01]px[, ]+[01]px/.test(style.clip)) return true;
    const [right, bottom, left] = [box.right + scrollX, box.bottom + scrollY, box.left + scrollX];
    return box.width > 0 && box.height > 0 && (right <= 0 || bottom <= 0 || left > 8000);
  };

  const hasOwnWords = (element) =>
    Array.prototype.some.call(nodesOf(element), (node) => node.nodeType === 3 && node.nodeValue.trim());

  const isHidden = (element) => {
    const seen = { opacityProperty: true, visibilityProperty: true };
    const style = getComputedStyle(element);
    if (!Element.prototype.checkVisibility.call(element, seen)) return style.display !== "contents";
    return isBoxHidden(element, style) || (hasOwnWords(element) && areWordsHidden(element, style));
  };

  const copy = document.implementation.createHTMLDocument("").importNode(root, true);
  const mark = (from, to) => {
    if (isHidden(from)) return to.setAttribute(limits.mark, ""); // and all below it with it
    const [originals, copies] = [childrenOf(from), childrenOf(to)];
    for (let i = 0; i < originals.length; i += 1) mark(originals[i], copies[i]);
  };
  if (body) {
    const at = Array.prototype.indexOf.call(childrenOf(root), body);
    const [originals, copies] = [childrenOf(body), childrenOf(childrenOf(copy)[at])];
    for (let i = 0; i < originals.length; i += 1) mark(originals[i], copies[i]);
  }
  const html = `<!DOCTYPE html>\n${copy.outerHTML}`;
  const bytes = new TextEncoder().encode(html).length;
  return bytes > limits.bytes ? { large: `${bytes} bytes` } : { html };
};
