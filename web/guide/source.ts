import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GuideEntry, GuidePage } from '../src/guide/types.ts'
import { groups } from './contents.ts'
import { parseGuide, plainText } from './markdown.ts'

export type GuideLanguage = 'zh' | 'en'
export const languages: readonly GuideLanguage[] = ['zh', 'en']

const root = fileURLToPath(new URL('../../', import.meta.url))

export const pageNames: readonly string[] = groups.flatMap(({ pages }) => pages)

/** The file of a page, from the root. An English document that was there before the guide stays in docs/. */
export function fileOf(language: GuideLanguage, page: string): string {
  const file = `docs/guide/${language}/${page}.md`
  return language === 'en' && !existsSync(join(root, file)) ? `docs/${page}.md` : file
}

export const pictureFile = (language: GuideLanguage, name: string): string =>
  join(root, 'docs/guide/pictures', language, name)

const pageOfFile = new Map(
  languages.flatMap((language) => pageNames.map((page) => [fileOf(language, page), page] as const)),
)

export function readGuide(language: GuideLanguage, page: string): GuidePage {
  const own = readFile(fileOf(language, page))
  return language === 'zh' && !isOfGuide(page) ? filledUp(page, own, readFile(fileOf('en', page))) : own
}

/** False for an English document that was there before the guide, which programmers and operators keep. */
export const isOfGuide = (page: string): boolean => fileOf('en', page).startsWith('docs/guide/')

function readFile(file: string): GuidePage {
  const pageOf = (path: string) => pageOfFile.get(posix.normalize(path))
  return parseGuide(readFileSync(join(root, file), 'utf8'), { file, pageOf })
}

/** The Chinese twin of such a document has its sections in their order; those that nobody has translated, such as printed tables, are in English. */
function filledUp(page: string, own: GuidePage, english: GuidePage): GuidePage {
  const unknown = own.sections.find(({ id }) => !english.sections.some((each) => each.id === id))
  if (unknown) throw new Error(`The English ${page} has no section ${unknown.id}`)
  return {
    title: own.title,
    sections: english.sections.map((each) => own.sections.find(({ id }) => id === each.id) ?? each),
  }
}

export const absolute = (file: string): string => join(root, file)

export type GuideContents = { title: string; pages: { page: string; title: string }[] }[]

export const contentsOf = (language: GuideLanguage): GuideContents =>
  groups.map(({ words: [zh, en], pages }) => ({
    title: language === 'zh' ? zh : en,
    pages: pages.map((page) => ({ page, title: readGuide(language, page).title })),
  }))

export const entriesOf = (language: GuideLanguage): GuideEntry[] =>
  pageNames.flatMap((page) => {
    const { title, sections } = readGuide(language, page)
    return sections.map((section) => ({
      page,
      id: section.id,
      title: section.level === 1 ? title : section.title,
      text: plainText(section.body).trim(),
    }))
  })
