import { courierCodes } from '../../connectors/couriers.ts'
import type { Refusal } from '../../core/decide.ts'

// 指定快递: the couriers among which a platform lets a parcel go.

/** The couriers by which all of these may go; orders of which none is common to all are not merged. Empty: any. */
export function commonOf(designations: readonly string[][]): string[] {
  const [first = [], ...others] = designations.filter((codes) => codes.length > 0)
  return first.filter((one) => others.every((codes) => codes.includes(one)))
}

/** The names of these couriers, for a refusal. */
export function courierNames(codes: readonly string[]): { zh: string; en: string } {
  const names = codes.map((code) => courierCodes[code] ?? { zh: code, en: code })
  return { zh: names.map(({ zh }) => zh).join('、'), en: names.map(({ en }) => en).join(', ') }
}

/** Returns why a waybill of this courier is not taken for a parcel with these designations; undefined: it is. */
export function whyNotCourier(designations: readonly string[][], courier: string): Refusal | undefined {
  const designated = commonOf(designations)
  if (designated.length === 0 || designated.includes(courier)) return undefined
  const [wanted, typed] = [courierNames(designated), courierNames([courier])]
  return {
    code: 'designated_courier',
    message: {
      zh: `平台指定了${wanted.zh}，不能填${typed.zh}。换运单，或在订单上人工改快递`,
      en: `The platform designates ${wanted.en}, not ${typed.en}. Type another waybill, or choose the courier by hand`,
    },
  }
}
