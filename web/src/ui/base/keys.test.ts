import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'

/** The parts of a browser's page that key handling needs: focus and listeners. */
class HTMLElement extends EventTarget {
  isContentEditable = false
  tagName: string
  constructor(tagName = 'DIV') {
    super()
    this.tagName = tagName
  }
  closest(names: string) {
    return names.toUpperCase().split(',').includes(this.tagName) ? this : null
  }
}
class HTMLInputElement extends HTMLElement {
  type = 'text'
  constructor() {
    super('INPUT')
  }
}
let listener: ((event: object) => void) | undefined
Object.assign(globalThis, {
  HTMLElement,
  HTMLInputElement,
  addEventListener: (_: string, listens: typeof listener) => {
    listener = listens
  },
  removeEventListener: () => {
    listener = undefined
  },
})
const { keysNow, laid } = await import('./keys.ts')

type Pressed = {
  key: string
  ctrlKey?: boolean
  altKey?: boolean
  isComposing?: boolean
  target?: EventTarget
}
const done: string[] = []
const lift: (() => void)[] = []
/** Returns true if the key was handled, so that the browser does nothing. */
function press(pressed: Pressed): boolean {
  let prevented = false
  listener?.({ target: new HTMLElement(), ...pressed, preventDefault: () => (prevented = true) })
  return prevented
}
const lay = (name: string, keys: string[], modal = false) =>
  lift.push(
    laid({
      keys: () =>
        keys.map((key) => ({
          key,
          words: [name, name] as const,
          run: () => void done.push(`${name} ${key}`),
        })),
      modal,
    }),
  )
afterEach(() => {
  for (const each of lift.splice(0)) each()
  done.length = 0
})

test('the topmost layer is asked first, and what it does not know goes to the one below', () => {
  lay('list', ['j', 'x', 'Escape'])
  lay('drawer', ['j', 'Escape'])
  assert.deepEqual([press({ key: 'J' }), press({ key: 'x' }), press({ key: 'Escape' })], [true, true, true])
  assert.deepEqual(done, ['drawer j', 'list x', 'drawer Escape'])
  assert.equal(press({ key: 'q' }), false)
})

test('a dialog lets nothing through, and once it has gone the keys below work again', () => {
  lay('list', ['j'])
  lay('dialog', ['Escape'], true)
  assert.equal(press({ key: 'j' }), false)
  lift.pop()?.()
  press({ key: 'j' })
  assert.deepEqual(done, ['list j'])
})

test('while somebody types, only Escape and keys with Ctrl work, and Ctrl A means the text', () => {
  lay('list', ['j', 'mod+k', 'mod+a', 'Escape'])
  const target = new HTMLInputElement()
  for (const key of ['j', 'k', 'a', 'Escape']) press({ key, ctrlKey: ['k', 'a'].includes(key), target })
  assert.deepEqual(done, ['list mod+k', 'list Escape'])
  target.type = 'checkbox'
  press({ key: 'j', target })
  assert.deepEqual(done.slice(2), ['list j'])
})

test('Enter on a button is the button’s, and a key with Alt or of a composition is nobody’s', () => {
  lay('list', ['Enter', 'j'])
  assert.equal(press({ key: 'Enter', target: new HTMLElement('BUTTON') }), false)
  assert.equal(press({ key: 'j', isComposing: true }), false)
  assert.equal(press({ key: 'j', altKey: true }), false)
  assert.equal(press({ key: 'Enter' }), true)
  assert.deepEqual(done, ['list Enter'])
})

test('the sheet of keys names each once, as the topmost layer means it', () => {
  lay('list', ['j', 'f'])
  lay('drawer', ['j'])
  assert.deepEqual(
    keysNow().map(({ key, words }) => [key, words[1]]),
    [
      ['j', 'drawer'],
      ['f', 'list'],
    ],
  )
  for (const each of lift.splice(0)) each()
  assert.equal(listener, undefined)
})
