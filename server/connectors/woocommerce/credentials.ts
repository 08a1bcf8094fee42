import { Type } from 'typebox'
import { optionalSecret, secretField, siteField } from '../credential-fields.ts'
import { longest } from '../fields.ts'

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
  pushKey: optionalSecret('Webhook 密钥（用推送时填）', 'Secret of the webhooks, for push'),
})

export function siteOf(stored: Readonly<Record<string, string>>) {
  return {
    siteUrl: (stored.siteUrl ?? '').replace(/\/+$/, ''),
    consumerKey: stored.consumerKey ?? '',
    consumerSecret: stored.consumerSecret ?? '',
    pushKey: stored.pushKey ?? '',
  }
}

/** Amounts are kept in 分 of this currency. */
export const currency = 'CNY'

/** The number of the shop: https://www.example.com/shop/ → www.example.com/shop */
export function placeOf(siteUrl: string): string {
  if (!URL.canParse(siteUrl)) return siteUrl
  const { hostname, pathname } = new URL(siteUrl)
  return `${hostname}${pathname.replace(/\/+$/, '')}`.toLowerCase().slice(0, longest.name)
}
