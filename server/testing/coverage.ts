import { readFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

/** Finds the parts of source files that have not run. Only files that are imported after the start are seen. */
export type Coverage = { missed: (folder: URL) => Promise<string[]> }

type Part = { url: string; owner: string; start: number; end: number }

export async function startCoverage(): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  let left: Part[] | undefined
  return {
    /**
     * Returns the parts that have not run yet, each as file and first words. Only files of the folder that were imported before the first
     * call count.
     */
    async missed(folder) {
      // The engine counts since its last answer, and leaves out a function that has not run since.
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const files = result.filter(({ url }) => url.startsWith(folder.href) && !url.endsWith('.test.ts'))
      left = left ? left.filter((part) => !hasRun(part, files)) : files.flatMap(partsNotRun)
      // A default after `??` that only the types require is left out.
      return left.map((part) => wordsOf(part, folder)).filter((one) => !/^\S+ (\?\?.*)?$/.test(one))
    },
  }
}

const keyOf = ({ ranges: [whole] }: Profiler.FunctionCoverage) => `${whole?.startOffset} ${whole?.endOffset}`

const partsNotRun = ({ url, functions }: Profiler.ScriptCoverage): Part[] =>
  functions.flatMap((one) =>
    one.ranges
      .filter(({ count }) => count === 0)
      .map(({ startOffset: start, endOffset: end }) => ({ url, owner: keyOf(one), start, end })),
  )

/** The smallest range around a part, of the same function, has the number of times that the part ran. */
function hasRun({ url, owner, start, end }: Part, files: readonly Profiler.ScriptCoverage[]): boolean {
  const functions = files.flatMap((file) => (file.url === url ? file.functions : []))
  const around = functions
    .filter((one) => keyOf(one) === owner)
    .flatMap((one) => one.ranges)
    .filter((range) => range.startOffset <= start && range.endOffset >= end)
    .sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))
  return (around[0]?.count ?? 0) > 0
}

function wordsOf({ url, start, end }: Part, folder: URL): string {
  const text = readFileSync(fileURLToPath(url), 'utf8')
  const part = text.slice(start, end).replace(/\s+/g, ' ').trim()
  return `${url.slice(folder.href.length)} ${part.slice(0, 24).trim()}`
}
