/** Which elements are in or near the visible part of the page. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** More than one turn of a mouse wheel: what comes into view was laid out before. */
const marginPx = 400;

const listeners = new WeakMap<Element, (isNear: boolean) => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
  },
  { rootMargin: `${marginPx}px` },
);

/**
 * Browsers lay out and paint more than a screen below and above what is visible (`content-visibility: auto`), which for fifty cards was most of the
 * work of each frame. So a card that is farther away than this hides its content by itself.
 */
export function useNear<Target extends Element>(): [RefObject<Target | null>, boolean] {
  const ref = useRef<Target>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const { current } = ref;
    if (!current) return;
    listeners.set(current, setNear);
    observer.observe(current);
    return () => observer.unobserve(current);
  }, []);
  return [ref, isNear];
}
