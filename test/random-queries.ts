/**
 * Queries composed at random from the schema itself, one for each seed: its types, fields and arguments, whatever they are, with aliases,
 * fragments, `@skip`, `@include` and variables. A field that is added to the schema takes part without a change here.
 */
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { seeded } from './queue-simulation.ts';

export type RandomQuery = { query: string; variables: Record<string, unknown> };

export type QuerySource = {
  schema: GraphQLSchema;
  /** What an argument of the type ID may be. */
  ids: readonly string[];
  /** What an argument of the type String may be. */
  texts: readonly string[];
  /** What an item of a list of representations may be. */
  representations?: readonly object[];
  /** Fields whose values differ from one read to the next. */
  without: readonly string[];
};

/** Deep enough for a log's messages, and one level more. */
const maxDepth = 5;

export function randomQuery(source: QuerySource, seed: number): RandomQuery {
  return new Composer(source, seed).compose();
}

/** A subscription has one field. */
export function randomSubscription(source: QuerySource, seed: number): RandomQuery {
  return new Composer(source, seed).composeSubscription();
}

class Composer {
  readonly #source: QuerySource;
  readonly #next: () => number;
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: { name: string; on: string; text: string }[] = [];
  #aliases = 0;

  constructor(source: QuerySource, seed: number) {
    this.#source = source;
    this.#next = seeded(seed);
  }

  compose(): RandomQuery {
    const queryType = this.#source.schema.getQueryType() as GraphQLCompositeType;
    return this.#document('query', this.#selectionOf(queryType, 0));
  }

  composeSubscription(): RandomQuery {
    const fields = Object.values(this.#source.schema.getSubscriptionType()?.getFields() ?? {});
    return this.#document('subscription', `{ ${this.#fieldOf(this.#pick(fields), 0)} }`);
  }

  #document(type: 'query' | 'subscription', selection: string): RandomQuery {
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
    const isShort = type === 'query' && definitions === '' && this.#chance(0.5);
    const head = isShort ? '' : `${type} Random${definitions} `;
    return { query: [`${head}${selection}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selectionOf(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#below(4) }, () => this.#partOf(type, depth));
    return `{ ${parts.join(' ')} }`;
  }

  #partOf(type: GraphQLCompositeType, depth: number): string {
    if (depth < maxDepth && this.#chance(isObjectType(type) ? 0.15 : 0.7)) return this.#fragmentOf(type, depth);
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => this.#isTakenAt(field, depth));
      if (fields.length > 0 && this.#chance(0.9)) return this.#fieldOf(this.#pick(fields), depth);
    }
    return `${this.#chance(0.3) ? 'type: ' : ''}__typename${this.#condition()}`;
  }

  #isTakenAt({ name, type }: GraphQLField<unknown, unknown>, depth: number): boolean {
    return !this.#source.without.includes(name) && (depth < maxDepth || !isCompositeType(getNamedType(type)));
  }

  #fieldOf({ name, type, args }: GraphQLField<unknown, unknown>, depth: number): string {
    const taken = args.filter((argument) => isNonNullType(argument.type) || this.#chance(0.5));
    const given = taken.length > 0 ? `(${taken.map((argument) => this.#argumentOf(argument)).join(', ')})` : '';
    // Two fields with one name in the response must have the same arguments.
    const alias = args.length > 0 ? `${name}${++this.#aliases}: ` : this.#pick(['', '', `a_${name}: `, `b_${name}: `]);
    const inner = getNamedType(type);
    const selection = isCompositeType(inner) ? ` ${this.#selectionOf(inner, depth + 1)}` : '';
    return `${alias}${name}${given}${this.#condition()}${selection}`;
  }

  /** On the type itself, or on one that it may be. */
  #fragmentOf(type: GraphQLCompositeType, depth: number): string {
    const { schema } = this.#source;
    const narrower = isObjectType(type) ? [type, ...type.getInterfaces()] : [...schema.getPossibleTypes(type), type];
    const on = this.#pick(narrower);
    const known = this.#fragments.filter((fragment) => fragment.on === on.name && fragment.text !== '');
    if (known.length > 0 && this.#chance(0.3)) return `...${this.#pick(known).name}${this.#condition()}`;
    if (this.#chance(0.5)) return `... on ${on.name}${this.#condition()} ${this.#selectionOf(on, depth + 1)}`;
    const fragment = { name: `F${this.#fragments.length}`, on: on.name, text: '' };
    this.#fragments.push(fragment);
    // Until its text is there it cannot be spread, so that no fragment spreads itself.
    fragment.text = this.#selectionOf(on, depth + 1);
    return `...${fragment.name}${this.#condition()}`;
  }

  #condition(): string {
    if (this.#chance(0.75)) return '';
    const value = this.#chance(0.5);
    const given = this.#chance(0.5) ? String(value) : this.#variableOf('Boolean!', value);
    return ` @${this.#pick(['skip', 'include'])}(if: ${given})`;
  }

  #argumentOf({ name, type }: GraphQLArgument): string {
    const value = this.#valueOf(type);
    return `${name}: ${this.#chance(0.5) ? literal(value, type) : this.#variableOf(String(type), value, type)}`;
  }

  /** Given with the request, or by its default. */
  #variableOf(type: string, value: unknown, inputType?: GraphQLInputType): string {
    const name = `v${this.#definitions.length}`;
    const hasDefault = this.#chance(0.2);
    this.#definitions.push(`$${name}: ${type}${hasDefault ? ` = ${literal(value, inputType)}` : ''}`);
    if (!hasDefault || this.#chance(0.5)) this.#variables[name] = value;
    return `$${name}`;
  }

  #valueOf(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return this.#valueOf(type.ofType);
    if (isListType(type)) return Array.from({ length: this.#below(4) }, () => this.#valueOf(type.ofType));
    if (isEnumType(type)) return this.#pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || this.#chance(0.5));
      return Object.fromEntries(fields.map((field) => [field.name, this.#valueOf(field.type)]));
    }
    switch (type.name) {
      case '_Any':
        return this.#pick(this.#source.representations ?? []);
      case 'ID':
        return this.#pick(this.#source.ids);
      case 'Int':
        return this.#below(5);
      case 'Float':
        return this.#below(50) / 10;
      case 'Boolean':
        return this.#chance(0.5);
      default:
        return this.#pick(this.#source.texts);
    }
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }
}

/** As GraphQL writes it: enum values and the names of input fields have no quotes. */
function literal(value: unknown, type?: GraphQLInputType): string {
  if (type && isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value)) {
    const inner = type && isListType(type) ? type.ofType : undefined;
    return `[${value.map((item) => literal(item, inner)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const inner = type && isInputObjectType(type) ? type.getFields() : {};
    return `{ ${Object.entries(value)
      .map(([name, item]) => `${name}: ${literal(item, inner[name]?.type)}`)
      .join(', ')} }`;
  }
  return type && isEnumType(type) ? String(value) : JSON.stringify(value);
}
