// node scripts/readable-log.ts < data/logs/web.log: prints the JSON lines of a log as readable text.
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { styleText } from 'node:util'

const levels: Record<number, readonly [word: string, colour: 'gray' | 'green' | 'yellow' | 'red']> = {
  10: ['trace', 'gray'],
  20: ['debug', 'gray'],
  30: ['info', 'green'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
}

/** Writes readable text to a terminal; to anything else the lines unchanged. */
export async function readableLog(
  input: Readable,
  output: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  for await (const line of createInterface({ input }))
    output.write(`${output.isTTY ? readable(line) : line}\n`)
}

/** Returns time, level, process, message, and the line's other fields. Text that is not a log line is returned unchanged. */
export function readable(line: string): string {
  const { level, time, name, msg = '', err, ...rest } = fieldsOf(line)
  const known = levels[Number(level)]
  if (!known) return line
  const { stack = [], ...error } = Object(err)
  const fields = Object.entries({ ...rest, ...error }).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const at = new Date(Number(time)).toLocaleTimeString('sv')
  const head = `${at} ${styleText(known[1], known[0].padEnd(5))} ${String(name).padEnd(6)} ${String(msg)}`
  const below = [stack].flat().map((frame) => `\n    ${String(frame)}`)
  return (
    [head, ...(fields.length > 0 ? [styleText('gray', fields.join(' '))] : [])].join('  ').trimEnd() +
    below.join('')
  )
}

function fieldsOf(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    return Object(JSON.parse(line))
  } catch {
    return {}
  }
}

if (import.meta.main) await readableLog(process.stdin)
