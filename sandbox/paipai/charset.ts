import { createHmac } from 'node:crypto'
import iconv from 'iconv-lite'
import type { Params } from '../http.ts'

export type Charset = 'gbk' | 'utf-8'

/** Reads an url-encoded text whose own parameter `charset` says how it is encoded; GBK if it says nothing. */
export function decodeParams(text: string): { params: Params; charset: Charset | undefined } {
  const pairs = text
    .split('&')
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
  const named = pairs.find(([name]) => name === 'charset')?.[1] ?? 'gbk'
  const asked = bytesOf(named).toString('latin1').toLowerCase()
  const charset = asked === 'gbk' || asked === 'utf-8' ? asked : undefined
  const decode = (part: string) => iconv.decode(bytesOf(part), charset ?? 'gbk')
  return { params: new Map(pairs.map(([name, value]) => [decode(name), decode(value)])), charset }
}

export const encode = (text: string, charset: Charset): Buffer => iconv.encode(text, charset)

/** The signature of a call: HMAC-SHA1, in base64, over verb, path and sorted parameters, each percent-encoded in the charset of the call. */
export function paipaiSign(
  { verb, path, charset }: { verb: string; path: string; charset: Charset },
  params: Params,
  appKey: string,
): string {
  const pairs = [...params]
    .filter(([name]) => name !== 'sign')
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  const parts = [verb.toUpperCase(), percent(path, charset), percent(pairs.join('&'), charset)]
  return createHmac('sha1', `${appKey}&`)
    .update(encode(parts.join('&'), charset))
    .digest('base64')
}

/** Encodes every byte but letters, digits, `.`, `-` and `_`. */
function percent(text: string, charset: Charset): string {
  let written = ''
  for (const byte of encode(text, charset)) {
    const sign = String.fromCharCode(byte)
    written +=
      /[\w.-]/.test(sign) && byte < 128 ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return written
}

function bytesOf(part: string): Buffer {
  const bytes: number[] = []
  for (let at = 0; at < part.length; at++) {
    const hex = part[at] === '%' ? part.slice(at + 1, at + 3) : ''
    if (/^[\da-f]{2}$/i.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      at += 2
    } else bytes.push(part[at] === '+' ? 32 : part.charCodeAt(at) & 255)
  }
  return Buffer.from(bytes)
}
