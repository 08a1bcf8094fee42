import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, typedValue, valueIn } from './schema.ts'

test('credentials become text, secrets and choices with their names in both languages', () => {
  const fields = fieldsOf({
    type: 'object',
    required: ['appKey'],
    properties: {
      appKey: { type: 'string', title: 'App Key', description: 'App key' },
      appSecret: { type: 'string', title: '密钥', secret: true },
      signMethod: { anyOf: [{ const: 'md5' }, { const: 'hmac' }], default: 'md5' },
    },
  })
  assert.deepEqual(
    fields.map(({ name, kind, zh, en, required, options, initial }) => ({
      name,
      kind,
      zh,
      en,
      required,
      options,
      initial,
    })),
    [
      {
        name: 'appKey',
        kind: 'text',
        zh: 'App Key',
        en: 'App key',
        required: true,
        options: [],
        initial: undefined,
      },
      {
        name: 'appSecret',
        kind: 'secret',
        zh: '密钥',
        en: '密钥',
        required: false,
        options: [],
        initial: undefined,
      },
      {
        name: 'signMethod',
        kind: 'choice',
        zh: 'signMethod',
        en: 'signMethod',
        required: false,
        options: ['md5', 'hmac'],
        initial: 'md5',
      },
    ],
  )
})

test('bounds come with whole numbers; what no form can draw is left out', () => {
  const fields = fieldsOf({
    properties: {
      days: { type: 'integer', minimum: 1, maximum: 30, default: 2 },
      numbers: { type: 'array' },
    },
  })
  assert.deepEqual(
    fields.map(({ name, minimum, maximum, initial }) => ({ name, minimum, maximum, initial })),
    [{ name: 'days', minimum: 1, maximum: 30, initial: 2 }],
  )
})

test('what is no schema has no fields', () => {
  for (const odd of [undefined, null, 3, 'text', [], {}]) assert.deepEqual(fieldsOf(odd), [])
})

test('a field shows the given value, and else the default of its schema', () => {
  const [pages, on] = fieldsOf({
    properties: { pages: { type: 'integer', default: 5 }, on: { type: 'boolean', default: true } },
  })
  assert.ok(pages && on)
  assert.deepEqual([valueIn(pages, {}), valueIn(pages, { pages: 7 })], [5, 7])
  assert.deepEqual([valueIn(on, {}), valueIn(on, { on: false })], [true, false])
})

test('a whole number is sent as one, and any other text as it was typed', () => {
  const [pages, name] = fieldsOf({ properties: { pages: { type: 'integer' }, name: { type: 'string' } } })
  assert.ok(pages && name)
  assert.deepEqual(
    ['12', '-3', '1.5', '', 'x'].map((text) => typedValue(pages, text)),
    [12, -3, '1.5', '', 'x'],
  )
  assert.equal(typedValue(name, '12'), '12')
})
