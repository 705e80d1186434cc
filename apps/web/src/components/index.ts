export { ProblemBox } from './problem-box.js';
export { ThemeSwitch } from './theme.js';
export { TotalsBar } from './totals-bar.js';
export { Progress, VerdictMark } from './verdict-mark.js';
