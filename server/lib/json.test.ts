import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseJson } from './json.ts'

describe('parseJson', () => {
  it('keeps the digits of a 19-digit number as text', () => {
    assert.deepEqual(parseJson('{"tid": 1234567890123456789,"n":[ -9007199254740993 ,3]}'), {
      tid: '1234567890123456789',
      n: ['-9007199254740993', 3],
    })
  })

  it('leaves safe integers, fractions and numbers inside strings alone', () => {
    const text =
      '{"a":9007199254740991,"b":1.1234567890123456789,"c":"x:1234567890123456789,","d":1e1234567890123456,"e":"\\\\"}'
    assert.deepEqual(parseJson(text), byReviver(text))
    assert.deepEqual(parseJson('1234567890123456789'), '1234567890123456789')
  })

  it('refuses what JSON.parse refuses', () => {
    const texts = [
      '{1234567890123456789:1}',
      '{"a":01234567890123456789}',
      '[1234567890123456789"x"]',
      '{"a":1234567890123456789',
      '["a 1234567890123456789',
      '{1234567890123456789}',
      '[--1234567890123456789]',
      '[+1234567890123456789]',
      '[1 1234567890123456789]',
      '1234567890123456789,',
      '{"a"1234567890123456789}',
      '{"a":1,1234567890123456789,"b":2}',
    ]
    for (const text of texts) assert.throws(() => parseJson(text), SyntaxError, text)
  })

  it('answers as a parser with a reviver does, for any text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      ' ',
      '"',
      '\\',
      '\\"',
      '"a"',
      '"k":',
      '-',
      '0',
      '1',
      '.5',
      'e9',
      'true',
      'null',
      '\n',
      '9007199254740991',
      '9007199254740992',
      '1234567890123456789',
      '-1234567890123456789',
      '0123456789012345678',
    )
    const noise = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    const valid = fc
      .jsonValue()
      .map((value) => JSON.stringify(value).replace(/\d+/g, (digits) => digits.repeat(7)))
    fc.assert(
      fc.property(fc.oneof(noise, valid), (text) => {
        const expected = attempt(() => byReviver(text))
        assert.deepEqual(
          attempt(() => parseJson(text)),
          expected,
        )
      }),
      { numRuns: 3000 },
    )
  })
})

/** The simple implementation, which calls a function for every value. */
function byReviver(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    return context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value
  })
}

function attempt(parse: () => unknown): { value: unknown } | 'refused' {
  try {
    return { value: parse() }
  } catch {
    return 'refused'
  }
}
