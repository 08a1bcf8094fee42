/** A body of the control API. The functions below check each field that they read, and the error of a wrong field names it. */
export type Body = Record<string, unknown>

export class BodyError extends Error {}

export function readJson(bytes: Buffer): Body {
  if (bytes.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new BodyError('the body is not JSON')
  }
  return record(value, 'body')
}

export function record(value: unknown, name: string): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BodyError(`${name} must be an object`)
  return { ...value }
}

export function text(body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new BodyError(`${name} must be text`)
  return value
}

export function neededText(body: Body, name: string): string {
  return text(body, name) ?? fail(`${name} is needed`)
}

export function number(body: Body, name: string): number | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(Math.trunc(value)))
    throw new BodyError(`${name} must be a number`)
  return value
}

export function flag(body: Body, name: string): boolean {
  return body[name] === true
}

export function fail(message: string): never {
  throw new BodyError(message)
}

/** Returns an object with only the fields that are set, as exactOptionalPropertyTypes requires. */
export function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  const set: Partial<T> = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined) set[name] = value
  }
  return set
}
