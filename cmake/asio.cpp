// The one translation unit that holds the bodies of Asio and of Process v2 (both are header-only otherwise).
#include <boost/asio/impl/src.hpp>
#include <boost/process/v2/src.hpp>
