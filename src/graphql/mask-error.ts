/**
 * Masks what is a bug of ours: a response says nothing of its cause, and the operator's log gets its name and place.
 */
import type { GraphQLError } from 'graphql';
import { maskError } from 'graphql-yoga';
import { unexpected } from './errors.ts';

/** Public errors pass as they are. */
export type MaskError = (error: unknown) => GraphQLError;

/** The mask itself is Yoga's, so that both paths mask alike. Not left to NODE_ENV: in development it would show the error and its stack. */
export const maskedErrors = { isDev: false, errorMessage: unexpected.message };

export function createMaskError(onUnexpected: (error: unknown) => void): MaskError {
  return (error) => {
    const masked = maskError(error, maskedErrors.errorMessage, maskedErrors.isDev) as GraphQLError;
    if (masked !== error) onUnexpected(error);
    return masked;
  };
}
