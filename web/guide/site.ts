import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createElement as h, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { drawGuide, type GuideParts } from '../src/guide/draw.ts'
import type { GuidePage } from '../src/guide/types.ts'
import {
  absolute,
  contentsOf,
  type GuideContents,
  type GuideLanguage,
  languages,
  pageNames,
  readGuide,
} from './source.ts'

const words = {
  zh: { name: '三易指南', other: 'English', lang: 'zh-CN', nav: '目录', skip: '到正文' },
  en: { name: 'Sanyi guide', other: '中文', lang: 'en', nav: 'Contents', skip: 'To the text' },
} as const

/** Writes the guide as a site of plain files: a page for each page in each language, a style, and the pictures. There is no script in it. */
export function writeSite(folder: string): string[] {
  rmSync(folder, { recursive: true, force: true })
  const files = languages.flatMap((language) => {
    mkdirSync(join(folder, language), { recursive: true })
    const contents = contentsOf(language)
    return pageNames.map((page) => {
      const file = `${language}/${page}.html`
      writeFileSync(join(folder, file), html(language, page, contents))
      return file
    })
  })
  cpSync(absolute('docs/guide/pictures'), join(folder, 'pictures'), { recursive: true })
  cpSync(absolute('web/guide/site.css'), join(folder, 'site.css'))
  writeFileSync(join(folder, 'start.html'), choice())
  return ['start.html', ...files]
}

const address = (to: string) => {
  const [page = '', id = ''] = to.split('#')
  return id === '' ? `${page}.html` : `${page}.html#${id}`
}

function html(language: GuideLanguage, page: string, contents: GuideContents): string {
  const guide = readGuide(language, page)
  const { name, other, nav, skip } = words[language]
  const there = language === 'zh' ? 'en' : 'zh'
  const groups = contents.map(({ title, pages }) =>
    h(
      'li',
      { key: title },
      h('b', null, title),
      h(
        'ul',
        null,
        pages.map((each) =>
          h(
            'li',
            { key: each.page },
            h(
              'a',
              { href: address(each.page), 'aria-current': each.page === page ? 'page' : undefined },
              each.title,
            ),
          ),
        ),
      ),
    ),
  )
  return whole(language, `${guide.title} · ${name}`, [
    h('a', { key: 'skip', className: 'skip', href: '#text' }, skip),
    h(
      'header',
      { key: 'header' },
      h('a', { href: address('start') }, name),
      h(
        'a',
        { href: `../${there}/${address(page)}`, lang: words[there].lang, hrefLang: words[there].lang },
        other,
      ),
    ),
    h('nav', { key: 'nav', 'aria-label': nav }, h('ul', null, groups)),
    h('main', { key: 'main', id: 'text' }, h('h1', null, guide.title), sectionsOf(guide, language)),
  ])
}

function sectionsOf({ sections }: GuidePage, language: GuideLanguage): ReactNode {
  const parts: GuideParts = {
    link: (to, children) => h('a', { href: to.startsWith('https://') ? to : address(to) }, children),
    word: (text) => h('b', null, text),
    picture: (name, alt) => h('img', { src: `../pictures/${language}/${name}`, alt, loading: 'lazy' }),
  }
  return sections.map(({ id, title, level, body }) =>
    h(
      'section',
      { key: id, id: id === '' ? undefined : id },
      level > 1 && h(`h${level}`, null, h('a', { href: `#${id}` }, title)),
      ...drawGuide(body, parts),
    ),
  )
}

function choice(): string {
  const links = languages.map((language) =>
    h('p', { key: language }, h('a', { href: `${language}/start.html` }, words[language].name)),
  )
  return whole('zh', words.zh.name, [h('main', { key: 'main' }, links)], '')
}

function whole(language: GuideLanguage, title: string, body: ReactNode[], up = '../'): string {
  const page = h(
    'html',
    { lang: words[language].lang },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', null, title),
      h('link', { rel: 'stylesheet', href: `${up}site.css` }),
    ),
    h('body', null, body),
  )
  return `<!doctype html>\n${renderToStaticMarkup(page)}\n`
}
