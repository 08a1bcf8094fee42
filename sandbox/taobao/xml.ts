/** Converts the text of a JSON object to TOP's XML. Numbers are copied as text, so that they keep all digits. */
export function jsonToXml(root: string, json: string): string {
  return `<?xml version="1.0" encoding="utf-8" ?><${root}>${inside(parse(json))}</${root}>`
}

/** Converts an answer to the form of TOP's `simplify`: lists without their wrapper object, and no root. */
export function simplify(json: string): string {
  return print(parse(json))
}

/** Marks a number that is kept as its source text. */
const RAW = '\u0001'
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

function parse(json: string): unknown {
  return JSON.parse(
    json.replace(STRING_OR_NUMBER, (found) => (found.startsWith('"') ? found : `"\\u0001${found}"`)),
  )
}

function inside(tree: unknown): string {
  if (Array.isArray(tree)) return tree.map(inside).join('')
  if (typeof tree !== 'object' || tree === null) return escapeXml(String(tree ?? '').replace(RAW, ''))
  let text = ''
  for (const [name, value] of Object.entries(tree)) {
    if (Array.isArray(value)) for (const item of value) text += `<${name}>${inside(item)}</${name}>`
    else text += `<${name}>${inside(value)}</${name}>`
  }
  return text
}

function print(tree: unknown): string {
  if (typeof tree === 'string' && tree.startsWith(RAW)) return tree.slice(1)
  if (Array.isArray(tree)) return `[${tree.map(print).join(',')}]`
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree)
  const entries = Object.entries(tree)
  const first = entries[0]
  if (entries.length === 1 && first !== undefined && Array.isArray(first[1])) return print(first[1])
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${print(value)}`).join(',')}}`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
