/** 颜色分类:雾蓝;尺寸:1.8m床 → name and value of each. */
export function specOf(properties: string): { name: string; value: string }[] {
  return properties.split(';').flatMap((pair) => {
    const [name = '', value = ''] = pair.split(':')
    return name === '' ? [] : [{ name, value }]
  })
}
