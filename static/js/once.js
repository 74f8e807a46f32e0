const started = new WeakMap();

// once yields the elements of root that match selector and that owner has not been given
// before, so that a module may start again on a page of which a part is new.
export function* once(owner, root, selector) {
  if (!started.has(owner)) started.set(owner, new WeakSet());
  const seen = started.get(owner);
  for (const element of root.querySelectorAll(selector)) {
    if (seen.has(element)) continue;
    seen.add(element);
    yield element;
  }
}
