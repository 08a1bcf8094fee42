/** The couriers among the 物流公司编号 of the documents that we know: number, name, and the form of the waybills. */
export const COMPANIES: readonly (readonly [code: number, name: string, pattern: string])[] = [
  [4, '顺丰速运', '^SF\\d{12,13}$|^\\d{12}$'],
  [6, '圆通速递', '^YT\\d{13,15}$|^\\d{10,18}$'],
  [9, '中通快递', '^7\\d{12,14}$|^\\d{12,15}$'],
  [3, '申通快递', '^77\\d{11,13}$|^\\d{12,15}$'],
  [11, '韵达快递', '^4\\d{12,14}$|^\\d{13,15}$'],
  [109, '极兔速递', '^JT\\d{13}$'],
  [14, '京东', '^JD[A-Z0-9]{11,20}$'],
  [2, 'EMS', '^[A-Z]{2}\\d{9}[A-Z]{2}$|^1\\d{12}$'],
  [8, '邮政快递包裹', '^9[89]\\d{11}$'],
  [53, '德邦快递', '^DPK\\d{12}$|^\\d{8,10}$'],
  [5, '天天快递', '^[A-Z]{0,2}\\d{11,15}$'],
  [15, '优速物流', '^[A-Z]{0,2}\\d{11,15}$'],
  [10, '宅急送', '^[A-Z]{0,2}\\d{11,15}$'],
  [139, '邮政电商标快', '^[A-Z]{0,2}\\d{11,15}$'],
  [113, '菜鸟速递', '^[A-Z]{0,2}\\d{11,15}$'],
  [127, '丰网速运', '^[A-Z]{0,2}\\d{11,15}$'],
  [112, '众邮快递', '^[A-Z]{0,2}\\d{11,15}$'],
  [25, '跨越速运', '^[A-Z]{0,2}\\d{11,15}$'],
  [12, '中通快运', '^[A-Z]{0,2}\\d{11,15}$'],
  [7, '韵达快运', '^[A-Z]{0,2}\\d{11,15}$'],
  [43, '安能快运', '^[A-Z]{0,2}\\d{11,15}$'],
  [86, '顺心捷达', '^[A-Z]{0,2}\\d{11,15}$'],
  [119, 'EMS包裹', '^1\\d{12}$'],
  [136, '京东快运', '^JD[A-Z0-9]{11,20}$'],
]

/** Returns the number of a courier by its number or name; the world uses the name when it ships by itself. */
export function companyCode(word: string): number {
  const known = COMPANIES.find(
    ([code, name]) => String(code) === word || name.slice(0, 2) === word.slice(0, 2),
  )
  return known?.[0] ?? 0
}
