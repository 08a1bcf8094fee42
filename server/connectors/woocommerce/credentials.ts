import { Type } from 'typebox'
import { secretField, siteField } from '../credential-fields.ts'

/** A shop is a site of its own, whose key has the rights of the user for whom it was made. */
export const credentials = Type.Object({
  siteUrl: siteField('网站地址', 'Address of the site'),
  consumerKey: Type.String({
    title: 'Consumer key',
    description: 'Consumer key',
    pattern: '^ck_[\\w-]+$',
    maxLength: 64,
  }),
  consumerSecret: secretField('Consumer secret', 'Consumer secret'),
})

export function siteOf(stored: Readonly<Record<string, string>>) {
  return {
    siteUrl: (stored.siteUrl ?? '').replace(/\/+$/, ''),
    consumerKey: stored.consumerKey ?? '',
    consumerSecret: stored.consumerSecret ?? '',
  }
}

/** Amounts are kept in 分 of this currency. */
export const currency = 'CNY'
