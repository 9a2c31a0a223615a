/** Renders again only when a property is another one than before: of fifty cards, one has changed. */
import { Component, type ComponentType, h } from 'preact';

export function memo<Props extends object>(View: (props: Props) => preact.ComponentChild): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== this.props[name]);
    }

    override render() {
      return h(View as ComponentType<Props>, this.props as never);
    }
  };
}
