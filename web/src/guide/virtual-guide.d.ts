/** The guide as the build makes it (web/guide/plugin.ts). */
declare module 'virtual:guide' {
  type Both<Of> = { zh: Of; en: Of }
  type Loaded = {
    page: import('./types.ts').GuidePage
    /** The address of each picture, by its name. */
    pictures: Record<string, string>
  }
  export const contents: Both<readonly { title: string; pages: readonly { page: string; title: string }[] }[]>
  export const pages: Both<Record<string, () => Promise<Loaded>>>
  export const searched: Both<() => Promise<{ entries: import('./types.ts').GuideEntry[] }>>
}
