import { readFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

/**
 * Finds the parts of source files (functions and branches) that no test has run. Only files that are imported after `startCoverage` are
 * seen.
 */
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
     * Returns the functions and branches that have not run yet, each as file name and first characters of its code. Only files of the
     * folder that were imported before `missed` was first called are included.
     */
    async missed(folder) {
      // The engine counts from the last call of `takePreciseCoverage`, and leaves out a function that has not run since.
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const files = result.filter(({ url }) => url.startsWith(folder.href) && !url.endsWith('.test.ts'))
      left = left ? left.filter((part) => !hasRun(part, files)) : files.flatMap(partsNotRun)
      // The default value after `??` is left out if only the types require it and it is never used.
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

/**
 * True if the part has run. The engine counts runs by ranges of code: the smallest range of the same function that contains the part has
 * the part's count.
 */
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
