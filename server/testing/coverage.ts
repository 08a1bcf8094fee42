import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

/** Which parts of source files did not run. It sees only files that are imported after the start. */
export type Coverage = { missed: (folder: URL) => Promise<string[]> }

export async function startCoverage(): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  return {
    /** Each part as file and first words, of the files of a folder that were imported. */
    async missed(folder) {
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const files = result.filter(({ url }) => url.startsWith(folder.href) && !url.endsWith('.test.ts'))
      return files.flatMap(({ url, functions }) => {
        const text = readFileSync(fileURLToPath(url), 'utf8')
        const ranges = functions.flatMap((one) => one.ranges)
        return (
          ranges
            .filter(({ count }) => count === 0)
            .map(({ startOffset, endOffset }) => {
              const part = text.slice(startOffset, endOffset).replace(/\s+/g, ' ').trim()
              return `${url.slice(folder.href.length)} ${part.slice(0, 24).trim()}`
            })
            // A default that only the types ask for is no branch of its own.
            .filter((one) => !/^\S+ (\?\?.*)?$/.test(one))
        )
      })
    },
  }
}
