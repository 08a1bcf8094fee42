/** Couriers by their number: name and the form of their waybills. The seller's own delivery (1274) has none. */
export const COMPANIES: readonly (readonly [id: string, name: string, pattern: string])[] = [
  ['463', '圆通快递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  ['467', '顺丰快递', '^SF\\d{12,13}$|^\\d{12}$'],
  ['470', '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  ['465', '邮政EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  ['1327', '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  ['1499', '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  ['3046', '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  ['2087', '京东快递', '^JD[A-Z0-9]{11,20}$'],
  ['1748', '百世快递', '^5\\d{12,14}$'],
  ['2170', '邮政快递包裹', '^9[89]\\d{11}$'],
  ['2009', '天天快递', '^[A-Z]{0,2}\\d{11,15}$'],
  ['1747', '优速快递', '^[A-Z]{0,2}\\d{11,15}$'],
  ['1409', '宅急送', '^[A-Z]{0,2}\\d{11,15}$'],
  ['1274', '厂家自送', '^$'],
  // The documents name no numbers of these; the own list of a shop has them.
  ['900101', '极兔速递', '^JT\\d{13}$'],
  ['900102', '丹鸟快递', '^DN\\d{12}$'],
  ['900103', '中通快运', '^[A-Z]{0,2}\\d{11,15}$'],
  ['900104', '韵达快运', '^[A-Z]{0,2}\\d{11,15}$'],
  ['900105', '顺丰快运', '^SF\\d{12,13}$'],
  ['900106', '安能物流', '^[A-Z]{0,2}\\d{11,15}$'],
  ['900107', '跨越速运', '^[A-Z]{0,2}\\d{11,15}$'],
  ['900108', '顺心捷达', '^SX\\d{12}$'],
]

/** Returns the number of a courier by its number or name; the world uses the name when it ships by itself. */
export function companyId(word: string): string {
  const known = COMPANIES.find(([id, name]) => id === word || name.slice(0, 2) === word.slice(0, 2))
  return known?.[0] ?? ''
}
