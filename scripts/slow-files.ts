// A reporter of Node's test runner: one line for each test file with its time in seconds, its start included where it has a process of its own.
import { relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const shown = 25

type Event = {
  type: string
  data: { name?: string; nesting?: number; file?: string; details?: { duration_ms?: number } }
}

// biome-ignore lint/style/noDefaultExport: the runner takes the default export
export default async function* slowFiles(events: AsyncIterable<Event>): AsyncGenerator<string> {
  const whole = new Map<string, number>()
  const tests = new Map<string, number>()
  for await (const { type, data } of events) {
    const { name = '', nesting, details } = data
    // A row reports its files as tests (row/files.ts).
    const file = /\.test\.tsx?$/.test(name) ? resolve(root, name) : data.file
    if (type !== 'test:complete' || nesting !== 0 || file === undefined) continue
    const times = file.endsWith(name) ? whole : tests
    times.set(file, (times.get(file) ?? 0) + (details?.duration_ms ?? 0) / 1000)
  }
  for (const [file, seconds] of new Map([...tests, ...whole]))
    yield `took ${seconds.toFixed(1)} s ${relative(root, file)}\n`
}

/** Returns the lines of the files that took the longest, and of all together, from what the reporter printed in several processes. */
export function slowest(outputs: readonly string[]): string {
  const times = outputs
    .flatMap((output) => [...output.matchAll(/^took (\S+) s (\S+)$/gm)])
    .map(([, seconds, file]) => ({ seconds: Number(seconds), file }))
    .sort((one, other) => other.seconds - one.seconds)
  const all = times.reduce((sum, { seconds }) => sum + seconds, 0)
  const line = (seconds: number, what: string | undefined) => `${seconds.toFixed(1).padStart(8)} s  ${what}\n`
  return (
    times
      .slice(0, shown)
      .map(({ seconds, file }) => line(seconds, file))
      .join('') + line(all, `all ${times.length} files`)
  )
}
