import { soon } from '../../ui/base/soon.tsx'

/** The order beside any list whose rows are of an order. */
export const orderDrawer = soon(() => import('./order-drawer-page.tsx'))
