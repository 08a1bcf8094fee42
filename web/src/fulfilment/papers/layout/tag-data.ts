import type { PaperData } from './items.ts'

/** 商品标签: the barcode is the SKU's own, or its code without any. */
export function goodsLabelData(of: { code: string; name: string; spec: string; barcode: string }): PaperData {
  const { code, name, spec, barcode } = of
  return { values: { code, name, spec, barcode: barcode || code }, lines: [] }
}

/** 库位标签. */
export const binLabelData = ({ code, warehouse }: { code: string; warehouse: string }): PaperData => ({
  values: { code, barcode: code, warehouse },
  lines: [],
})
