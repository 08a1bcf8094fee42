/** Throws for a part of a new connector that is not written yet. The conformance suite then fails with this message and the file's name. */
export function notWritten(file: string, what: string): never {
  throw new Error(`Not written yet, connectors/template/${file}: ${what}`)
}
