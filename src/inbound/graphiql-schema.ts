/**
 * The schema that GraphiQL shows, as a part of its page, so that it is there from the start. Without what Federation adds: only routers
 * need that. It can be queried nevertheless.
 */
import { type GraphQLSchema, type IntrospectionQuery, introspectionFromSchema, specifiedScalarTypes } from 'graphql';

const builtIn = new Set(specifiedScalarTypes.map(({ name }) => name));

/** The documentation lists types in this order: the product's own, then those that every schema has. */
export function schemaForPage(plainSchema: GraphQLSchema): IntrospectionQuery {
  const options = { inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true };
  const { __schema } = introspectionFromSchema(plainSchema, options);
  const [own, others] = [false, true].map((wanted) =>
    __schema.types.filter(({ name }) => builtIn.has(name) === wanted),
  );
  return { __schema: { ...__schema, types: [...(own ?? []), ...(others ?? [])] } };
}
