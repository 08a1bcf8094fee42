import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nodesOf, parseGuide } from '../../web/guide/markdown.ts'
import { writeSite } from '../../web/guide/site.ts'
import {
  absolute,
  fileOf,
  type GuideLanguage,
  isOfGuide,
  languages,
  pageNames,
  pictureFile,
  readGuide,
} from '../../web/guide/source.ts'
import { screenWords } from '../../web/guide/words.ts'
import { sectionOf, sectionOfPage } from '../../web/src/guide/sections.ts'
import type { GuideNode } from '../../web/src/guide/types.ts'

// The guide is one source for the panel and the site: both languages say the same, with the words of the screens, and every link leads somewhere.

const root = fileURLToPath(new URL('../../', import.meta.url))
const guides = { zh: guidesOf('zh'), en: guidesOf('en') }

function guidesOf(language: GuideLanguage) {
  return new Map(pageNames.map((page) => [page, readGuide(language, page)]))
}

/** The words of the screens that a text marks, each step of a way through the menu by itself. */
const marked = (body: readonly GuideNode[]) =>
  nodesOf(body, 'strong').flatMap(({ children = [] }) => children.join('').split(' › '))

test('each file of the guide is on the list of pages, in both languages', () => {
  for (const language of languages) {
    const files = readdirSync(`${root}docs/guide/${language}`).map((name) => name.replace(/\.md$/, ''))
    assert.deepEqual(
      files.filter((name) => !pageNames.includes(name)),
      [],
    )
    assert.deepEqual(
      pageNames.filter((page) => !existsSync(absolute(fileOf(language, page)))),
      [],
    )
  }
  assert.equal(new Set(pageNames).size, pageNames.length)
})

test('a page has the same headings, in the same order, and the same pictures in both languages', () => {
  const shapeOf = (language: GuideLanguage) =>
    pageNames.flatMap((page) =>
      (guides[language].get(page)?.sections ?? []).map(({ id, level, body }) => {
        const pictures = nodesOf(body, 'img').map(({ to = '' }) => to)
        return [`${page}#${id} ${level}`, ...pictures].join(' ')
      }),
    )
  assert.deepEqual(shapeOf('zh'), shapeOf('en'))
})

test('a guide marks only words that the screens have, and the same ones in both languages', () => {
  const pairs = screenWords(root)
  assert.ok(pairs.length > 5000, `${pairs.length} texts`)
  const known = {
    zh: new Map<string, Set<string>>(),
    en: new Map<string, Set<string>>(),
  }
  for (const [zh, en] of pairs) {
    known.zh.set(zh, (known.zh.get(zh) ?? new Set()).add(en))
    known.en.set(en, (known.en.get(en) ?? new Set()).add(zh))
  }
  const other = { zh: 'en', en: 'zh' } as const
  let count = 0
  const wrong = languages.flatMap((language) =>
    pageNames.filter(isOfGuide).flatMap((page) =>
      (guides[language].get(page)?.sections ?? []).flatMap(({ id, body }, at) => {
        const there = marked(guides[other[language]].get(page)?.sections[at]?.body ?? [])
        const words = marked(body)
        count += words.length
        return words.flatMap((word) => {
          const translations = known[language].get(word)
          if (!translations) return [`${fileOf(language, page)}#${id}: no screen says ${word}`]
          if (there.some((each) => translations.has(each))) return []
          return [
            `${fileOf(language, page)}#${id}: ${word} is not marked in the other language: ${[...translations].join(' / ')}`,
          ]
        })
      }),
    ),
  )
  assert.deepEqual(wrong, [])
  assert.ok(count > 60, `${count} words`)
})

test('each link of a guide leads to a section that is there, each file and picture that it names exists', () => {
  const lost = languages.flatMap((language) =>
    pageNames.flatMap((page) =>
      (guides[language].get(page)?.sections ?? []).flatMap(({ id, body }) => {
        const wrong = [
          ...nodesOf(body, 'a').filter(({ to = '' }) => !to.startsWith('https://') && !leads(language, to)),
          ...nodesOf(body, 'file').filter(({ to = '' }) => !existsSync(absolute(to))),
          ...nodesOf(body, 'img').filter(({ to = '', text = '' }) => {
            return text === '' || !existsSync(pictureFile(language, to))
          }),
        ]
        return wrong.map(({ to }) => `${language} ${page}#${id}: ${to}`)
      }),
    ),
  )
  assert.deepEqual(lost, [])
})

function leads(language: GuideLanguage, to: string): boolean {
  const [page = '', id = ''] = to.split('#')
  return guides[language].get(page)?.sections.some((section) => section.id === id) === true
}

test('every page behind the menu has its section of the guide, in both languages', () => {
  const routes = readFileSync(`${root}web/src/routes.tsx`, 'utf8')
  const paths = [...routes.matchAll(/\binside\('([^']+)'/g)].map(([, path = '']) => path)
  assert.ok(paths.length > 45, `${paths.length} pages`)
  assert.deepEqual(Object.keys(sectionOfPage).toSorted(), paths.toSorted())
  for (const language of languages)
    assert.deepEqual(
      Object.values(sectionOfPage).filter((to) => !leads(language, to)),
      [],
    )
  assert.equal(sectionOf('/shops/42'), sectionOfPage['/shops/$shopId'])
  assert.equal(sectionOf('/shops/connect'), sectionOfPage['/shops/connect'])
})

test('a guide is text with pictures: anything else in it stops the build', () => {
  const place = {
    file: 'docs/guide/zh/x.md',
    pageOf: (file: string) => (file === 'docs/guide/zh/y.md' ? 'y' : undefined),
  }
  const read = (markdown: string) => parseGuide(`# T\n\n${markdown}`, place).sections[0]?.body
  for (const markdown of ['<script>alert(1)</script>', 'a <img src=x onerror=alert(1)> b', '~~away~~'])
    assert.throws(() => read(markdown), /a guide has no (html|del)/)
  assert.throws(() => read('按**修改…**改参数'), /keeps this from being bold/)
  assert.deepEqual(read('Press <kbd>G</kbd>, [then](y.md#z) [this](javascript:x).'), [
    {
      tag: 'p',
      children: [
        'Press ',
        { tag: 'kbd', children: ['G'] },
        ', ',
        { tag: 'a', to: 'y#z', children: ['then'] },
        ' ',
        { tag: 'file', to: 'docs/guide/zh/javascript:x', children: ['this'] },
        '.',
      ],
    },
  ])
})

test('the words of the screens are read from pairs, from texts with two keys, and from the fields of a form', () => {
  const words = new Map(screenWords(root))
  assert.equal(words.get('打单发货'), 'Print and ship')
  assert.equal(words.get('淘宝/天猫'), 'Taobao/Tmall')
  assert.equal(words.get('App Secret'), 'App secret')
})

test('the site has each page in both languages, without a script, and every link and picture of it leads somewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'))
  const files = writeSite(folder)
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  assert.equal(files.length, 2 * pageNames.length + 1)
  let count = 0
  const lost = [...texts].flatMap(([file, text]) => {
    assert.doesNotMatch(text, /<script|<style|<iframe|\son\w+=|javascript:/i)
    const links = [...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link)
    count += links.length
    return links
      .filter((link) => !link.startsWith('https://'))
      .filter((link) => {
        const [path = '', id] = link.split('#')
        const target = path === '' ? file : join(dirname(file), path)
        if (id === undefined) return !existsSync(join(folder, target))
        return !texts.get(target)?.includes(` id="${decodeURIComponent(id)}"`)
      })
      .map((link) => `${file}: ${link}`)
  })
  rmSync(folder, { recursive: true })
  assert.deepEqual(lost, [])
  assert.ok(count > 2000, `${count} links`)
})
