import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { nodesOf } from './markdown.ts'
import { writeSite } from './site.ts'
import {
  absolute,
  contentsOf,
  entriesOf,
  fileOf,
  type GuideLanguage,
  languages,
  pageNames,
  pictureFile,
  readGuide,
} from './source.ts'

const prefix = 'virtual:guide'

/**
 * Makes the guide a part of the pages: each page of it in each language is a chunk of data, which the panel loads when it is shown, and so is
 * the index of the search. The browser gets no Markdown and no HTML. The site lies beside them, under /guide/.
 */
export function guide(): Plugin {
  let builds = false
  return {
    name: 'guide',
    configResolved: ({ command }) => {
      builds = command === 'build'
    },
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      const found = /^\0virtual:guide(?:\/(zh|en)-([\w-]+))?$/.exec(id)
      if (!found) return undefined
      const [, language, name = ''] = found
      if (language !== 'zh' && language !== 'en') return tableOfChunks()
      if (name === 'search') return exported('entries', entriesOf(language))
      this.addWatchFile(absolute(fileOf(language, name)))
      return pageModule(language, name)
    },
    closeBundle() {
      if (builds) writeSite(fileURLToPath(new URL('../dist/guide', import.meta.url)))
    },
  }
}

const exported = (name: string, value: unknown) => `export const ${name} = ${JSON.stringify(value)}\n`

/** Pictures are files of their own, whose addresses the build knows. */
function pageModule(language: GuideLanguage, name: string): string {
  const page = readGuide(language, name)
  const pictures = new Set(page.sections.flatMap(({ body }) => nodesOf(body, 'img').map(({ to = '' }) => to)))
  const names = [...pictures]
  const imports = names.map(
    (picture, at) => `import p${at} from ${JSON.stringify(`${pictureFile(language, picture)}?url`)}\n`,
  )
  const table = names.map((picture, at) => `${JSON.stringify(picture)}: p${at}`).join(', ')
  return `${imports.join('')}${exported('page', page)}export const pictures = { ${table} }\n`
}

function tableOfChunks(): string {
  const load = (language: string, name: string) => `() => import('${prefix}/${language}-${name}')`
  const byLanguage = (row: (language: GuideLanguage) => string) =>
    `{ ${languages.map((language) => `${language}: ${row(language)}`).join(', ')} }`
  const pagesIn = (language: GuideLanguage) =>
    `{ ${pageNames.map((name) => `${JSON.stringify(name)}: ${load(language, name)}`).join(', ')} }`
  return [
    exported('contents', Object.fromEntries(languages.map((each) => [each, contentsOf(each)]))),
    `export const pages = ${byLanguage(pagesIn)}\n`,
    `export const searched = ${byLanguage((language) => load(language, 'search'))}\n`,
  ].join('')
}
