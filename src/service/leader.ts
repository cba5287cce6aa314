// The half of the service that only the leading window loads: a bundle of its own, so that the others stay light.
export { takeLead } from './lead';
