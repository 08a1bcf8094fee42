/** A part of a new connector that is still to be written: the suite fails with these words, and names the file. */
export function notWritten(file: string, what: string): never {
  throw new Error(`Not written yet, connectors/template/${file}: ${what}`)
}
