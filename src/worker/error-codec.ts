import { LogError, type LogErrorCode } from '../core/errors.ts';

/** An error as plain data: structured clone and JSON both keep it. */
export interface WireError {
  /** `thrown` = something that is not an error was thrown. */
  readonly kind: 'log-error' | 'error' | 'thrown';
  /** The class, by its own `name` where it sets one. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: WireError;
  /** The parts of an `AggregateError`. */
  readonly errors?: readonly WireError[];
}

// A chain of causes longer than this is a loop of wrappers, and no reader gets that far.
const deepest = 8;
const mostParts = 32;

/** Turns anything thrown into plain data. Never throws, whatever was thrown. */
export function encodeError(thrown: unknown): WireError {
  return encode(thrown, 0, new Set());
}

/** Turns {@link encodeError}'s data back: a {@link LogError} when it was one, else an error of the same name. */
export function decodeError(wire: WireError): Error {
  const options = wire.cause === undefined ? undefined : { cause: decodeError(wire.cause) };
  const error = revive(wire, options);
  if (error.name !== wire.name) Object.defineProperty(error, 'name', { value: wire.name, configurable: true, writable: true });
  if (wire.stack !== undefined) Object.defineProperty(error, 'stack', { value: wire.stack, configurable: true, writable: true });
  if (wire.code !== undefined && wire.kind !== 'log-error')
    Object.defineProperty(error, 'code', { value: wire.code, configurable: true, writable: true });
  return error;
}

const builtIn: Readonly<Record<string, new (message: string, options?: ErrorOptions) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

function revive(wire: WireError, options: ErrorOptions | undefined): Error {
  // Only a LogError is encoded with this kind, so its code is one of ours.
  if (wire.kind === 'log-error') return new LogError(wire.code as LogErrorCode, wire.message, options);
  if (wire.errors !== undefined) return new AggregateError(wire.errors.map(decodeError), wire.message, options);
  const Class = Object.hasOwn(builtIn, wire.name) ? builtIn[wire.name] : undefined;
  return new (Class ?? Error)(wire.message, options);
}

function encode(thrown: unknown, depth: number, seen: Set<unknown>): WireError {
  try {
    if (isErrorLike(thrown)) return encodeErrorObject(thrown, depth, seen);
    return { kind: 'thrown', name: 'Error', message: `${describeThrown(thrown)} was thrown, which is not an Error` };
  } catch (unreadable) {
    // A getter or a proxy that throws must not hide that something went wrong.
    return {
      kind: 'thrown',
      name: 'Error',
      message: `something was thrown that cannot be read (${unreadable instanceof Error ? unreadable.message : typeof unreadable})`,
    };
  }
}

function encodeErrorObject(error: ErrorLike, depth: number, seen: Set<unknown>): WireError {
  seen.add(error);
  const { stack, code, cause, errors } = error;
  return {
    kind: error instanceof LogError ? 'log-error' : 'error',
    name: nameOf(error),
    message: String(error.message),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: encodeInner(cause, depth, seen) }),
    ...(Array.isArray(errors) ? { errors: errors.slice(0, mostParts).map((part) => encodeInner(part, depth, seen)) } : {}),
  };
}

function encodeInner(inner: unknown, depth: number, seen: Set<unknown>): WireError {
  if (seen.has(inner)) return { kind: 'thrown', name: 'Error', message: 'an error that is already in this chain' };
  if (depth + 1 >= deepest) return { kind: 'thrown', name: 'Error', message: 'further causes were left out' };
  return encode(inner, depth + 1, seen);
}

interface ErrorLike {
  readonly message: unknown;
  readonly name?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

// DOMException is no subclass of Error everywhere, and errors of another realm fail instanceof.
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (thrown instanceof Error) return true;
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
}

// A subclass that does not set `name` inherits "Error"; its class says more.
function nameOf(error: ErrorLike): string {
  if (typeof error.name === 'string' && error.name !== '' && error.name !== 'Error') return error.name;
  const className: unknown = error.constructor.name;
  return typeof className === 'string' && className !== '' ? className : 'Error';
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown === 'string') return `the string ${JSON.stringify(thrown.length > 200 ? `${thrown.slice(0, 200)}…` : thrown)}`;
  if (typeof thrown === 'function') return 'a function';
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  return `the object ${describeObject(thrown)}`;
}

function describeObject(thrown: object): string {
  try {
    const text = JSON.stringify(thrown);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
