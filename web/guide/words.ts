import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalizedPair } from '../../server/lib/localized-text.ts'

const text = `(?:'((?:[^'\\\\\\n]|\\\\.)*)'|"((?:[^"\\\\\\n]|\\\\.)*)")`

/** The forms in which a text is written in both languages: a pair, the two keys, the two first arguments, title and description of a field. */
const forms = [
  `\\[\\s*${text},\\s*${text},?\\s*\\]`,
  `\\bzh: ${text},\\s*en: ${text}`,
  `[fF]ield\\((?:${text},\\s*)?${text},\\s*${text}`,
  `[sS]ecret\\(${text},\\s*${text}`,
  `\\btitle: ${text},\\s*description: ${text}`,
].map((form) => new RegExp(form, 'g'))

const sources = ['web/src/**/*.{ts,tsx}', 'server/**/*.ts']

/** Returns the texts of all screens in both languages, read from the code. */
export function screenWords(root: string): LocalizedPair[] {
  const files = globSync(sources, { cwd: root }).filter(
    (path) => !/\.test\.|\/testing|\/conformance/.test(path),
  )
  return files.flatMap((path) => {
    const source = readFileSync(join(root, path), 'utf8')
    return forms.flatMap((form) =>
      [...source.matchAll(form)].map((found): LocalizedPair => {
        const [zh = '', en = ''] = found
          .slice(1)
          .filter((each) => each !== undefined)
          .slice(-2)
          .map((each) => each.replaceAll(/\\(.)/g, '$1'))
        return [zh, en]
      }),
    )
  })
}
