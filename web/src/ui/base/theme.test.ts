import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** The text colours and backgrounds that occur together, with the contrast that WCAG AA requires. */
const pairs: { inks: string; grounds: string; least: number }[] = [
  { inks: 'text text2 text3 link', grounds: 'layout surface raised sunken hover accent-bg', least: 4.5 },
  { inks: 'text text2 link', grounds: 'accent-bg-hover menu-on menu-hover', least: 4.5 },
  {
    inks: 'ok warn bad',
    grounds: 'layout surface raised sunken hover accent-bg accent-bg-hover',
    least: 4.5,
  },
  { inks: 'text text2 link', grounds: 'ok-tint warn-tint bad-tint', least: 4.5 },
  { inks: 'tip-text', grounds: 'tip', least: 4.5 },
  {
    inks: 'ok-dot warn-dot bad-dot idle-dot move-dot flag-1 flag-2 flag-3 flag-4 flag-5',
    grounds: 'layout surface raised sunken hover accent-bg accent-bg-hover',
    least: 3,
  },
  { inks: 'ok-dot warn-dot bad-dot', grounds: 'ok-tint warn-tint bad-tint', least: 3 },
  { inks: 'control window', grounds: 'layout surface raised sunken hover', least: 3 },
]

const [light = '', dark = ''] = readFileSync(new URL('./theme.css', import.meta.url), 'utf8').split(
  ':root[data-theme="dark"]',
)
const valuesOf = (css: string) =>
  Object.fromEntries([...css.matchAll(/--([\w-]+): (#\w{6});/g)].map((m) => m.slice(1)))

/** The relative luminance of a colour #rrggbb: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (bright + 0.05) / (dim + 0.05)
}

for (const [name, values] of Object.entries({
  light: valuesOf(light),
  dark: { ...valuesOf(light), ...valuesOf(dark) },
})) {
  test(`every ink can be read where it stands: ${name}`, () => {
    const faint = pairs.flatMap(({ inks, grounds, least }) =>
      inks.split(' ').flatMap((ink) =>
        grounds.split(' ').flatMap((ground) => {
          const [of, on] = [values[ink], values[ground]]
          assert.ok(of && on, `${ink} and ${ground} are colours of the theme`)
          const found = contrast(of, on)
          return found < least ? [`${ink} on ${ground}: ${found.toFixed(2)} < ${least}`] : []
        }),
      ),
    )
    assert.deepEqual(faint, [])
  })
  test(`white on the accent can be read: ${name}`, () => {
    assert.ok(contrast('#ffffff', values['accent'] ?? '') >= 4.5)
    assert.ok(contrast('#ffffff', values['accent-hover'] ?? '') >= 4.5)
  })
}
