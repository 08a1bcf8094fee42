import { createHash } from 'node:crypto'

/**
 * 快递100's signature: the upper-case MD5 of some texts, one after another without separators. A label is signed over param, t, key and
 * secret. Source: api.kuaidi100.com/document/dianzimiandanV2.
 */
export const signOf = (...texts: readonly string[]): string =>
  createHash('md5').update(texts.join(''), 'utf8').digest('hex').toUpperCase()
