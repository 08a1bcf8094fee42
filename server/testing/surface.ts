import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compares a part of the product's surface with `docs/surface/NAME.txt`, a line for each thing that users, programs or colleagues rely on.
 * With `SURFACE=write` it writes the file, and a reviewer reads the difference. With `part`, only those lines of the file are compared.
 */
export function assertSurface(
  name: string,
  lines: readonly string[],
  part?: (line: string) => boolean,
): void {
  const path = `docs/surface/${name}.txt`
  if (part) {
    const kept = readFileSync(join(root, path), 'utf8').split('\n').filter(part)
    assert.deepEqual({ gone: beyond(kept, lines), come: beyond(lines, kept) }, { gone: [], come: [] })
  } else assertWritten(path, `${lines.join('\n')}\n`, process.env['SURFACE'] === 'write')
}

/** Fails with the missing and the additional lines of a generated file; with `write` it writes the file. */
export function assertWritten(path: string, text: string, write: boolean): void {
  const file = join(root, path)
  if (write) writeFileSync(file, text)
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [gone, come] = [
    beyond(kept.split('\n'), text.split('\n')),
    beyond(text.split('\n'), kept.split('\n')),
  ]
  assert.deepEqual({ gone, come }, { gone: [], come: [] }, `${path} differs`)
  assert.ok(kept === text, `${path} has its lines in another order`)
}

/** Returns the lines of the first list that the second does not have, or has less often. */
function beyond(some: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return some.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** Returns the product's own source files below a folder, without tests and their helpers. */
export function sourceFiles(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|(^|\/)testing|conformance/.test(path))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') }))
}
