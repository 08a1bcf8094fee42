// A reporter of Node's test runner: one line for each of the slowest test files, with its whole time in seconds, its start included.
import { relative } from 'node:path'
import { root } from './steps.ts'

const shown = 25

type Event = { type: string; data: { name?: string; file?: string; details?: { duration_ms?: number } } }

// biome-ignore lint/style/noDefaultExport: the runner takes the default export
export default async function* slowFiles(events: AsyncIterable<Event>): AsyncGenerator<string> {
  const times = new Map<string, number>()
  for await (const { type, data } of events) {
    const { name = '', file = '', details } = data
    if (type === 'test:complete' && name !== '' && file.endsWith(name))
      times.set(relative(root, file), (details?.duration_ms ?? 0) / 1000)
  }
  const slowest = [...times].sort(([, one], [, other]) => other - one).slice(0, shown)
  for (const [file, seconds] of slowest) yield `${seconds.toFixed(1).padStart(8)} s  ${file}\n`
  yield `${[...times.values()]
    .reduce((sum, one) => sum + one, 0)
    .toFixed(1)
    .padStart(8)} s  all ${times.size} files\n`
}
