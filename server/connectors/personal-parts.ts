import type { LocalizedText } from '../lib/localized-text.ts'

/** The facts of people that a relay can withhold, with their words. */
export const personalParts = {
  name: { zh: '收件人姓名', en: 'Receiver’s name' },
  phone: { zh: '收件人电话', en: 'Receiver’s phone' },
  address: { zh: '详细地址', en: 'Street address' },
  buyer: { zh: '买家昵称', en: 'Buyer’s nickname' },
} as const satisfies Record<string, LocalizedText>

export type PersonalPart = keyof typeof personalParts
