-- Figures of computed days counted parts of split off-platform orders and reships as paid trades, and gifts that were taken off as sold and returned.
insert into report_due (day) select day from report_day;
