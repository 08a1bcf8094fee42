import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const pages = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, pages), 'utf8')

/** These only mark an element for our own scripts. */
const marks = ['rules-main', 'sure']

/** The classes in quotes of an attribute `className`, but not values that something is compared with. */
function classesIn(source: string): string[] {
  const attributes = source.matchAll(/className=(?:"([^"]*)"|\{((?:[^{}]|\{[^{}]*\})*)\})/g)
  return [...attributes].flatMap(([, plain, code = '']) => {
    const quoted = code.matchAll(/([!=]== )?(?:'([^']*)'|`([^`]*)`)/g)
    const texts = [...quoted].map(([, compared, text, template = '']) =>
      compared ? '' : (text ?? template.replaceAll(/\$\{[^}]*\}/g, '~')),
    )
    return [plain ?? '', ...texts].join(' ').split(/\s+/)
  })
}

test('every class that a page names has a rule in a style sheet', () => {
  const sheets = globSync('**/*.css', { cwd: pages }).map(read).join('\n')
  const ruled = new Set([...sheets.matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name))
  const files = globSync('**/*.tsx', { cwd: pages })
  assert.ok(files.length > 200 && ruled.size > 300, `${files.length} files, ${ruled.size} rules`)
  const unruled = files.flatMap((file) =>
    classesIn(read(file))
      .filter((name) => /^[a-z][\w-]*$/.test(name) && !ruled.has(name) && !marks.includes(name))
      .map((name) => `${file}: ${name}`),
  )
  assert.deepEqual(unruled, [])
})
