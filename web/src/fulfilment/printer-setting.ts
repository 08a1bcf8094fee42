import { browserSetting } from '../ui/base/store.ts'

/** The printer of this browser; empty: the default one. */
export const printerSetting = browserSetting('printer', '')
